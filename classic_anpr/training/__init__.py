"""Training of the plate-font model: the network in PyTorch, its weights packed into Tesseract's own file format."""
