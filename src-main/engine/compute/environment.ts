// The environment that a process must be STARTED with before it loads the native TensorFlow. Data only.
// TensorFlow and glibc read these once, when their library is loaded; setting them later has no effect.

export const processEnvironment: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  // Activations are tens of megabytes and short-lived. Above glibc's threshold every one is mapped and unmapped, and its pages are
  // zeroed and faulted in again each time; kept on the heap they are reused.
  MALLOC_MMAP_THRESHOLD_: '4294967296',
  MALLOC_TRIM_THRESHOLD_: '4294967296',
  MALLOC_TOP_PAD_: '67108864',
}
