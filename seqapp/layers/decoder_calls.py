"""The calls that all decoders have in common."""

from abc import ABC, abstractmethod
from typing import Any

import keras
from keras import ops

from seqapp.layers.call_modes import CallModes


class DecoderCalls(CallModes, ABC):
    """Base of decoders, see `make_decoder`: sorts the calls of one layer by the arguments they give.

    ``initial_state``, ``constants`` and ``step`` are calls of the layer, so a functional model keeps them.
    The ``build`` of a subclass accepts any part of the shapes.
    """

    # False where teacher forcing needs nothing of the encoder's final state.
    _starts_from_state = True

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self._shapes: dict[str, Any] = {}

    def get_build_config(self):
        # All shapes so far: a saved layer is built whole, though no single call may have had all of them.
        return {"shapes_dict": dict(self._shapes)} if self._shapes else None

    def _remember_shapes(self, **tensors: Any) -> None:
        for name, value in tensors.items():
            if value is not None:
                self._shapes[f"{name}_shape"] = keras.tree.map_structure(lambda x: tuple(x.shape), value)

    def initial_state(self, final_state, steps=None):
        """The state before the first step.

        Args:
            final_state: nest of [B, width], of an encoder.
            steps: int32 [], how many calls of `step` follow at most, for decoders with a cache.
        """
        return self(final_state=final_state, steps=steps)

    def constants(self, memory, mask=None):
        """What does not change while decoding.

        Args:
            memory: [B, S, H].
            mask: bool or 0/1 [B, S]; by default the Keras mask of the memory, if any.
        """
        mask = getattr(memory, "_keras_mask", None) if mask is None else mask
        return self(memory=memory, memory_mask=mask)

    def step(self, x, state, constants):
        """One target position, without dropout, for K hypotheses of each row.

        Args:
            x: [N, E] with N = B · K, embedded previous tokens.
            state: as of `initial_state`, leaves lead with N.
            constants: from `constants`, leading with B.

        Returns:
            vectors [N, units], weights float32 [N, S], and the new state.
        """
        return self(x, state, constants)

    def call(
        self,
        x=None,
        state=None,
        constants=None,
        final_state=None,
        memory=None,
        memory_mask=None,
        steps=None,
        training=False,
    ):
        """All target positions at once (teacher forcing), or what one of the other methods gives.

        Args:
            x: [B, T, E], embedded target inputs; [N, E] for one position, see `step`. Without it the
                result is that of `initial_state`, or of `constants` where a memory is given.
            state: from `initial_state`; by default it is computed from `final_state`.
            constants: from `constants`; by default they are computed from `memory` and `memory_mask`.
            final_state: nest of [B, width], of an encoder.
            memory: [B, S, H], of an encoder.
            memory_mask: bool or 0/1 [B, S]; Keras gives the mask of the memory here.
            steps: as of `initial_state`.

        Returns:
            vectors [B, T, units] and weights float32 [B, T, S].
        """
        self._remember_shapes(x=x, final_state=final_state, memory=memory)
        if state is None and final_state is not None:
            state = self._initial_state(final_state, steps)
        if constants is None and memory is not None:
            constants = self._constants(memory, memory_mask)
        if x is None and (state is not None or constants is not None):
            return state if constants is None else constants
        self._check_given(x, state, constants)
        x = ops.cast(x, self.compute_dtype)
        if len(x.shape) == 2:
            return self._step(x, state, constants)
        return self._teacher_forcing(x, state, constants, training)

    def _check_given(self, x, state, constants):
        given = {"x": x, "state": state, "constants": constants}
        if not self._starts_from_state:
            del given["state"]
        missing = [name for name, value in given.items() if value is None]
        if missing:
            start = "a state or final_state and with " if self._starts_from_state else ""
            raise ValueError(
                f"{type(self).__name__}: expected x with {start}constants or a memory; without "
                f"{', '.join(missing)}"
            )

    @abstractmethod
    def _initial_state(self, final_state, steps):
        """Same as `initial_state`, inside the call."""

    @abstractmethod
    def _constants(self, memory, mask):
        """Same as `constants`, inside the call."""

    @abstractmethod
    def _step(self, x, state, constants):
        """Same as `step`, inside the call; x is in the compute dtype."""

    @abstractmethod
    def _teacher_forcing(self, x, state, constants, training):
        """Vectors and weights of all target positions; x is in the compute dtype."""

    def compute_mask(self, x=None, mask=None):
        """The Keras mask of the target inputs for the vectors."""
        return None if x is None else (getattr(x, "_keras_mask", None), None)

    def compute_output_spec(self, *args, **kwargs):
        # Traces the call: what it returns depends on what is given.
        return keras.Operation.compute_output_spec(self, *args, **kwargs)
