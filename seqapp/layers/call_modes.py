"""A mixin of layers with several kinds of calls."""

import keras


class CallModes(keras.layers.Layer):
    """A layer whose calls differ in the number of outputs, such as ``attention.project`` and ``attention``.

    A functional model counts an operation's outputs by its ``output``, which Keras takes from the first
    call: with fewer outputs there, those of a later call would count as not connected.
    """

    @property
    def output(self):
        """Outputs of the symbolic call with the most of them."""
        nodes = self._inbound_nodes
        index = max(range(len(nodes)), key=lambda i: len(nodes[i].output_tensors), default=0)
        return self._get_node_attribute_at_index(index, "output_tensors", "output")
