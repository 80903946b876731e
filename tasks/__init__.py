"""Training tasks made of documents with known facts and of questions over them."""
