"""Makes formats.json: small weights files of every kind that we read, written by PyTorch and ONNX's own tools, with the logits that onnxruntime or PyTorch
computes from them. Hostile pickles are among them.

    python formats.py            (needs torch, onnx, onnxscript, onnxruntime; the test needs only its output)
"""
import base64
import io
import json
import os
import pickle
import zipfile

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
from onnx import TensorProto, helper, numpy_helper

from architectures_parts import Tiny  # noqa: E402
from make import fill, here

b64 = lambda data: base64.b64encode(data).decode()
pixels = np.random.RandomState(1).uniform(0, 1, size=(3, 16, 16, 3)).astype(np.float32)
nchw = pixels.transpose(0, 3, 1, 2)


def saved(value, **how):
    buffer = io.BytesIO()
    torch.save(value, buffer, **how)
    return b64(buffer.getvalue())


def logits(model):
    mean, std = np.array([.4914, .4822, .4465]), np.array([.2023, .1994, .2010])
    x = torch.tensor(((pixels - mean) / std).transpose(0, 3, 1, 2)).double()
    with torch.no_grad():
        return model.double().eval()(x).numpy().reshape(-1).tolist()


class Calls:
    def __reduce__(self):
        return os.system, ('touch /tmp/palm-was-here',)


def torch_files():
    model = fill(Tiny())
    state = model.state_dict()
    expected = logits(fill(Tiny()))
    transposed = {k: (v.t().contiguous().t() if k == 'fc.weight' else v) for k, v in state.items()}
    extra = {'state_dict': {f'module.{k}': v for k, v in state.items()}, 'epoch': 3, 'best': 0.91, 'name': 'tiny', 'list': [1, 2.5, None, True], 'big': 2 ** 40, 'optimizer': {'state': {}, 'param_groups': [{'lr': .1}]}, 'acc': np.float64(.5)}
    files = {
        'zip.pth': (saved(state), expected),
        'legacy.pth': (saved(state, _use_new_zipfile_serialization=False), expected),
        'checkpoint.pt': (saved(extra), expected),
        'nested.pth.tar': (saved({'model': {'state_dict': state}}, _use_new_zipfile_serialization=False), expected),
        'strided.pth': (saved(transposed), expected),
        'parameters.pth': (saved({k: nn.Parameter(v) if v.dtype.is_floating_point else v for k, v in state.items()}), expected),
        'robustbench.pth': (saved({**{f'model.{k}': v for k, v in state.items()}, 'mu': torch.tensor([.4914, .4822, .4465]).view(1, 3, 1, 1), 'sigma': torch.tensor([.2023, .1994, .2010]).view(1, 3, 1, 1)}), expected),
        'ema.pth': (saved({'epoch': 1, 'optimizer': {'state': {0: {'momentum_buffer': torch.ones(3), 'exp_avg': torch.ones(3)}}}, 'ema_state_dict': {f'_orig_mod.module.{k}': v for k, v in state.items()}}), expected),
        'best.pth': (saved({'optim': {'a': torch.ones(2), 'b': torch.ones(2)}, 'best': state, 'acc': 1.}), expected),
        'lightning.ckpt': (saved({'epoch': 1, 'pytorch-lightning_version': '2.1', 'state_dict': {**{f'model.{k}': v for k, v in state.items()}, 'criterion.weight': torch.ones(7)}, 'optimizer_states': [], 'loops': {}, 'hyper_parameters': {'lr': .1}}), expected),
        'double.pth': (saved({k: v.double() for k, v in state.items()}), expected),
    }
    hostile = {'calls.pth': saved({'state_dict': Calls()}), 'calls-legacy.pth': saved({'state_dict': Calls()}, _use_new_zipfile_serialization=False), 'model.pth': saved(model), 'calls.pkl.pth': b64(pickle.dumps(Calls(), 2)),
               'empty.pth': saved({}), 'numbers.pth': saved([1, 2, 3])}
    return files, hostile


def run(model):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    name = session.get_inputs()[0].name
    return session.run(None, {name: nchw})[0].astype(float).reshape(-1).tolist()


def exported():
    """By PyTorch's exporters, batch norm kept apart."""
    out = {}
    model = fill(Tiny()).eval()
    for name, how in {'torchscript.onnx': {'dynamo': False, 'opset_version': 13, 'training': torch.onnx.TrainingMode.PRESERVE, 'do_constant_folding': False},
                      'folded.onnx': {'dynamo': False, 'opset_version': 17}, 'dynamo.onnx': {'dynamo': True, 'opset_version': 18}}.items():
        buffer = io.BytesIO()
        try:
            result = torch.onnx.export(model, (torch.tensor(nchw),), buffer if not how['dynamo'] else None, input_names=['x'], output_names=['y'], **how)
            data = buffer.getvalue() if not how['dynamo'] else result.model_proto.SerializeToString()
        except Exception as error:
            print(name, 'was not made:', type(error).__name__, str(error)[:200])
            continue
        proto = onnx.load_from_string(data)
        out[name] = (b64(data), run(proto))
    return out


def handmade(opset):
    """One of every op of the subset."""
    r = np.random.RandomState(5)
    tensors, nodes = [], []

    def const(name, shape=None, value=None):
        array = np.asarray(value) if value is not None else (r.normal(size=shape) * .4).astype(np.float32)
        tensors.append(numpy_helper.from_array(array, name))
        return name

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output] if isinstance(output, str) else output, name=f'{op}_{len(nodes)}', **attributes))
        return output

    def bn(x, name, c):
        const(f'{name}.weight', value=r.uniform(.6, 1.4, c).astype(np.float32)), const(f'{name}.bias', (c,)), const(f'{name}.running_mean', (c,)), const(f'{name}.running_var', value=r.uniform(.6, 1.4, c).astype(np.float32))
        return node('BatchNormalization', [x, f'{name}.weight', f'{name}.bias', f'{name}.running_mean', f'{name}.running_var'], f'{name}.out', epsilon=1e-3)

    x = node('Sub', ['x', const('mean', value=np.float32([.4, .5, .6]).reshape(3, 1, 1))], 'centred')
    x = node('Div', [x, const('std', value=np.float32([.2, .25, .3]).reshape(3, 1, 1))], 'scaled')
    x = node('Conv', [x, const('stem.weight', (8, 3, 3, 3))], 'stem', strides=[2, 2], auto_pad='SAME_UPPER', kernel_shape=[3, 3])
    x = bn(x, 'bn0', 8)
    x = node('Clip', [x, const('low', value=np.float32(0)), const('high', value=np.float32(6))], 'clipped')
    a = node('Conv', [x, const('dw.weight', (8, 1, 3, 3)), const('dw.bias', (8,))], 'dw', group=8, pads=[1, 1, 1, 1], kernel_shape=[3, 3])
    a = node('HardSwish', [a], 'hswish') if opset >= 14 else node('Relu', [a], 'hswish')
    b = node('Conv', [x, const('grouped.weight', (8, 4, 3, 3))], 'grouped', group=2, pads=[1, 1, 1, 1], kernel_shape=[3, 3])
    b = node('LeakyRelu', [b], 'leaky', alpha=.2)
    s = node('GlobalAveragePool', [b], 'gap')
    s = node('Conv', [s, const('se.weight', (8, 8, 1, 1)), const('se.bias', (8,))], 'se')
    s = node('HardSigmoid', [s], 'gate', alpha=1 / 6, beta=.5)
    b = node('Mul', [b, s], 'excited')
    c = node('MaxPool', [x], 'pooled', kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    d = node('AveragePool', [x], 'averaged', kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    x = node('Concat', [a, b, c, d], 'joined', axis=1)
    node('Split', [x, const('sizes', value=np.int64([16, 16]))], ['left', 'right']) if opset >= 13 else node('Split', [x], ['left', 'right'], axis=1, split=[16, 16])
    if opset >= 13:
        nodes[-1].attribute.append(helper.make_attribute('axis', 1))
    y = node('Sigmoid', ['right'], 'sig')
    y = node('Mul', ['right', y], 'silu')
    x = node('Add', ['left', y], 'added')
    x = node('Reshape', [x, const('five', value=np.int64([0, 2, 8, 8, 8]))], 'split5')
    x = node('Transpose', [x], 'turned', perm=[0, 2, 1, 3, 4])
    x = node('Reshape', [x, const('four', value=np.int64([0, 16, 8, 8]))], 'shuffled')
    x = node('Pad', [x, const('pads', value=np.int64([0, 0, 1, 0, 0, 0, 0, 1]))], 'padded') if opset >= 11 else node('Pad', [x], 'padded', pads=[0, 0, 1, 0, 0, 0, 0, 1])
    x = node('Dropout', [x], 'dropped')
    x = node('Identity', [x], 'same')
    x = node('ReduceMean', [x], 'mean2', axes=[2, 3], keepdims=0) if opset < 18 else node('ReduceMean', [x, const('axes', value=np.int64([2, 3]))], 'mean2', keepdims=0)
    x = node('MatMul', [x, const('mm', (16, 12))], 'product')
    x = node('Add', [x, const('mm.bias', (12,))], 'sum')
    x = node('Relu', [x], 'hidden')
    x = node('Gemm', [x, const('fc.weight', (7, 12)), const('fc.bias', (7,))], 'scores', transB=1)
    node('Identity', [x], 'y')
    if opset < 11:
        for n in nodes:
            if n.op_type == 'Clip':
                del n.input[1:]
                n.attribute.extend([helper.make_attribute('min', 0.), helper.make_attribute('max', 6.)])
    graph = helper.make_graph(nodes, 'every op', [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['n', 3, 16, 16])], [helper.make_tensor_value_info('y', TensorProto.FLOAT, ['n', 7])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)], ir_version=min(10, 4 if opset < 11 else 10))
    onnx.checker.check_model(model)
    return b64(model.SerializeToString()), run(model)


def refused():
    x = helper.make_tensor_value_info('x', TensorProto.FLOAT, ['n', 3, 16, 16])
    y = helper.make_tensor_value_info('y', TensorProto.FLOAT, ['n', 7])
    make = lambda nodes, opset=17: b64(helper.make_model(helper.make_graph(nodes, 'g', [x], [y]), opset_imports=[helper.make_opsetid('', opset)]).SerializeToString())
    external = onnx.load_from_string(base64.b64decode(handmade(17)[0]))
    external.graph.initializer[0].data_location = TensorProto.EXTERNAL
    entry = external.graph.initializer[0].external_data.add()
    entry.key, entry.value = 'location', '../../etc/passwd'
    return {'lstm.onnx': make([helper.make_node('LSTM', ['x', 'x', 'x'], ['y'])]), 'resize.onnx': make([helper.make_node('Resize', ['x'], ['y'])]), 'old.onnx': make([helper.make_node('Relu', ['x'], ['y'])], 8), 'outside.onnx': b64(external.SerializeToString())}


torch.set_num_threads(2)
files, hostile = torch_files()
onnx_files = exported()
for opset in (9, 13, 17, 21):
    onnx_files[f'every-op-{opset}.onnx'] = handmade(opset)
out = {'versions': {'torch': torch.__version__, 'onnx': onnx.__version__, 'onnxruntime': onnxruntime.__version__}, 'torch': {k: {'file': f, 'logits': l} for k, (f, l) in files.items()}, 'onnx': {k: {'file': f, 'logits': l} for k, (f, l) in onnx_files.items()}, 'hostile': {**hostile, **refused()}}
(here / 'formats.json').write_text(json.dumps(out) + '\n')
print({k: len(v) for k, v in out.items()}, os.path.getsize(here / 'formats.json'))
