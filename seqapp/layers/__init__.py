"""Keras layers: recurrent and Transformer encoders and decoders, Luong attention, embeddings, pooling."""

import seqapp.keras_backend  # before Keras
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.bridge import Bridge
from seqapp.layers.causal_self_attention import CausalSelfAttention
from seqapp.layers.causal_transformer_encoder import CausalTransformerEncoder
from seqapp.layers.causal_transformer_layer import CausalTransformerLayer
from seqapp.layers.cross_attention import CrossAttention
from seqapp.layers.fixed_context_decoder import FixedContextDecoder
from seqapp.layers.gru import GRU
from seqapp.layers.lstm import LSTM
from seqapp.layers.luong_attention import LuongAttention
from seqapp.layers.multi_head_attention import MultiHeadAttention
from seqapp.layers.ngram_embedding import NgramEmbedding
from seqapp.layers.pooling import ContextPooling
from seqapp.layers.positions import LearnedPositions, SinusoidalPositions
from seqapp.layers.recurrent_encoder import RecurrentEncoder
from seqapp.layers.self_attention import SelfAttention
from seqapp.layers.simple_rnn import SimpleRNN
from seqapp.layers.token_dropout import TokenDropout
from seqapp.layers.token_embedding import TokenEmbedding
from seqapp.layers.transformer_decoder import TransformerDecoder
from seqapp.layers.transformer_decoder_layer import TransformerDecoderLayer
from seqapp.layers.transformer_encoder import TransformerEncoder
from seqapp.layers.transformer_encoder_layer import TransformerEncoderLayer

# isort: split
import seqapp.keras_classes  # noqa: F401  last: it imports this package

__all__ = [
    "GRU",
    "LSTM",
    "AttentionDecoder",
    "Bridge",
    "CausalSelfAttention",
    "CausalTransformerEncoder",
    "CausalTransformerLayer",
    "ContextPooling",
    "CrossAttention",
    "FixedContextDecoder",
    "LearnedPositions",
    "LuongAttention",
    "MultiHeadAttention",
    "NgramEmbedding",
    "RecurrentEncoder",
    "SelfAttention",
    "SimpleRNN",
    "SinusoidalPositions",
    "TokenDropout",
    "TokenEmbedding",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]
