// What images and models can look like, by an example each, as a file manager or an editor shows them. Pure.

export const imageExamples = {
  folders: ['photos/', '  cat/   1.jpg  2.jpg', '  dog/   1.jpg  2.jpg'],
  flat: ['photos/', '  1.jpg  2.png  3.webp'],
  table: ['file,label', 'images/1.jpg,cat', 'images/2.jpg,dog'],
  imagenet: ['imagenet-c/', '  fog/  5/  n01440764/  1.JPEG'],
  cifar: ['CIFAR-10-C/', '  fog.npy  snow.npy  labels.npy'],
  archive: ['photos.zip', 'images.npz'],
} as const

export const modelExamples = {
  weights: ['resnet50.pth', 'wide_resnet40.safetensors', 'vit_b_16.pt'],
  onnx: ['network.onnx'],
  tfjs: ['model.json', 'group1-shard1of1.bin'],
} as const
