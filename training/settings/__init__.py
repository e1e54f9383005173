"""Settings by their dotted names: what there is, files and assignments that change them."""
