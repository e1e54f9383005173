"""Special ids, the same in every vocabulary."""

PAD_ID, BOS_ID, EOS_ID, UNK_ID = 0, 1, 2, 3
# What a masked token is replaced by. Byte fallback leaves the unknown token without use in text, and token
# dropout of classifiers and translators replaces by it too.
MASK_ID = UNK_ID
