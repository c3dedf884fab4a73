"""How news outlets portray political actors: from a folder of articles to a figure that survives review."""
