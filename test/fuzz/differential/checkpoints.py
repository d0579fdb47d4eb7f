"""What PyTorch reads of a checkpoint: one JSON object a line in ({"file", "path", "names"}), one out ({"hash"} or {"refused"}). With --check: says what is missing.

The hash is that of src-main/engine/models/load.ts (hashTensors): SHA-256 over "name [shape]" and the values as float32, sorted by name."""
import argparse
import hashlib
import json
import sys

try:
    import torch
except ImportError:
    print(json.dumps({'missing': 'torch'}), flush=True)
    sys.exit(0)


def answer(request):
    with torch.serialization.safe_globals([argparse.Namespace]):
        value = torch.load(request['file'], weights_only=True, map_location='cpu')
    for key in request['path']:
        value = value[key]
    digest = hashlib.sha256()
    for name in sorted(request['names']):
        tensor = value[request['names'][name]].detach().resolve_neg().to(torch.float32).contiguous()
        digest.update(f'{name} [{",".join(map(str, tensor.shape))}]\n'.encode())
        digest.update(tensor.numpy().tobytes())
    return {'hash': digest.hexdigest()[:16]}


print(json.dumps({'torch': torch.__version__.split('+')[0]}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except Exception as error:
        print(json.dumps({'refused': f'{type(error).__name__}: {error}'[:300]}), flush=True)
