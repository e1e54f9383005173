"""The types of quantized sublayers, as a configuration keeps them."""

from typing import Any

import keras


def quantized_dtype(layer: Any) -> dict[str, Any]:
    """``dtype`` of the configuration of a layer with quantized sublayers: a policy per path.

    Keras quantizes the sublayers of a layer, but the layer's configuration holds one policy for all of
    them, so a saved model would not load.

    Args:
        layer: a layer or model that hands its ``dtype_policy`` on to its sublayers when it makes them.

    Returns:
        the entry of `get_config`; nothing where no sublayer is quantized.
    """
    policies = {}
    for sublayer in layer._flatten_layers(include_self=False):
        _resolve_map(sublayer)
        if sublayer.dtype_policy.quantization_mode:
            policies[sublayer.path] = sublayer.dtype_policy
    if not policies:
        return {}
    policy_map = keras.dtype_policies.DTypePolicyMap(default_policy=_resolve_map(layer).name)
    for path, policy in policies.items():
        policy_map[path] = policy
    return {"dtype": keras.dtype_policies.serialize(policy_map)}


def _resolve_map(layer: Any) -> Any:
    """The layer's own policy. A loaded layer still has the map, with which Keras could not save it."""
    policy = layer.dtype_policy
    if isinstance(policy, keras.dtype_policies.DTypePolicyMap) and layer.path:
        # Through the setter the policy would go into the map.
        layer._dtype_policy = policy = policy[layer.path]
    return policy
