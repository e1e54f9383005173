"""Inputs and outputs of the signatures of a language model of the next token."""

from seqapp.signatures import Input, Output

PROMPT = {"prompt": Input("string", "the text to go on with, any bytes", feature="text")}
TEXT = {"text": Input("string", "the text, any bytes", feature="text")}
_TRUNCATED_TEXT = Output("bool", "B", "the text was cut: longer than the model reads")
_TRUNCATED_PROMPT = Output("bool", "B", "the prompt was cut: its end was read")

COMPLETION = {
    "completion": Output("string", "B", "the text that follows the prompt, well-formed UTF-8"),
    "log_probability": Output(
        "float32", "B", "natural logarithm, summed from the prompt's last word to the end of the completion"
    ),
    "truncated": _TRUNCATED_PROMPT,
}
SCORE = {
    "log_probability": Output("float32", "B", "natural logarithm, summed over the tokens"),
    "bits_per_byte": Output(
        "float32", "B", "minus the binary logarithm, per UTF-8 byte; a lower bound with unknown words"
    ),
    "tokens": Output("string", "B, T", "tokens, then the end unless it was cut; padding is empty"),
    "begin": Output("int32", "B, T", "first byte of each token in the text"),
    "end": Output("int32", "B, T", "byte after the last of each token"),
    "token_log_probabilities": Output("float32", "B, T", "of each token; 0 in padding"),
    "truncated": _TRUNCATED_TEXT,
}
NEXT = {
    "tokens": Output("string", "B, K", "the likeliest next tokens, best first"),
    "probabilities": Output("float32", "B, K", "their probabilities"),
    "truncated": _TRUNCATED_PROMPT,
}
CONTEXT = {
    "vector": Output("float32", "B, C", "context vector: the top layer after the last token"),
    "truncated": _TRUNCATED_TEXT,
}
