;; out[r][i] = sum over taps k of weight[k] * in[r][i + offset[k]], in double precision, taps added in their order (so a result does not
;; depend on how many lanes work on it). Eight neighbouring outputs are computed at a time in four registers of two.
(module
  (memory (export "memory") 1)
  (func (export "weightedSum")
    (param $source i32)        ;; address of in[0][0]
    (param $target i32)        ;; address of out[0][0]
    (param $rows i32)
    (param $width i32)         ;; bytes of a row to compute, a multiple of 64
    (param $sourceStride i32)  ;; bytes from one row to the next
    (param $targetStride i32)
    (param $taps i32)          ;; address of the taps: 16 bytes each, i32 offset in bytes, 4 unused, f64 weight
    (param $tapsEnd i32)
    (local $i i32) (local $tap i32) (local $at i32) (local $weight v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (block $done
      (br_if $done (i32.eqz (local.get $rows)))
      (loop $nextRow
        (local.set $i (i32.const 0))
        (loop $nextEight
          (local.set $a (v128.const f64x2 0 0))
          (local.set $b (v128.const f64x2 0 0))
          (local.set $c (v128.const f64x2 0 0))
          (local.set $d (v128.const f64x2 0 0))
          (local.set $tap (local.get $taps))
          (loop $nextTap
            (local.set $weight (v128.load64_splat offset=8 (local.get $tap)))
            (local.set $at (i32.add (i32.add (local.get $source) (local.get $i)) (i32.load (local.get $tap))))
            (local.set $a (f64x2.add (local.get $a) (f64x2.mul (local.get $weight) (v128.load (local.get $at)))))
            (local.set $b (f64x2.add (local.get $b) (f64x2.mul (local.get $weight) (v128.load offset=16 (local.get $at)))))
            (local.set $c (f64x2.add (local.get $c) (f64x2.mul (local.get $weight) (v128.load offset=32 (local.get $at)))))
            (local.set $d (f64x2.add (local.get $d) (f64x2.mul (local.get $weight) (v128.load offset=48 (local.get $at)))))
            (local.set $tap (i32.add (local.get $tap) (i32.const 16)))
            (br_if $nextTap (i32.lt_u (local.get $tap) (local.get $tapsEnd))))
          (local.set $at (i32.add (local.get $target) (local.get $i)))
          (v128.store (local.get $at) (local.get $a))
          (v128.store offset=16 (local.get $at) (local.get $b))
          (v128.store offset=32 (local.get $at) (local.get $c))
          (v128.store offset=48 (local.get $at) (local.get $d))
          (local.set $i (i32.add (local.get $i) (i32.const 64)))
          (br_if $nextEight (i32.lt_u (local.get $i) (local.get $width))))
        (local.set $source (i32.add (local.get $source) (local.get $sourceStride)))
        (local.set $target (i32.add (local.get $target) (local.get $targetStride)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br_if $nextRow (local.get $rows))))))
