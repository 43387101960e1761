"""What the curator's models see: the only room with onnxruntime and torch. Nothing here is needed where it is off."""
