"""Units: what each unit of a model does over a corpus, with the evidence."""
