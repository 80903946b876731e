"""The shape of a hypernetwork, and whether it is one for a base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypernet.base_model.llama import PATHS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypernet.base_model.decoder import Shape


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a hypernetwork."""

    condition: int
    states: int
    hidden: int
    rank: int
    first_layer: int
    layers: int
    sizes: tuple[tuple[str, int, int], ...]
    """Name, inputs and outputs of each adapted linear of a layer."""
    paths: tuple[str, ...] = ()
    """Where each of them is in the base, as `Shape.paths` has it. A file without any is from
    before there were others than the Llama family's."""
    read_layer: int | None = None
    """The layer whose entering states are read of a task; None means the first adapted one."""
    invocation: tuple[int, ...] = ()
    """Token ids from which on its adapters act, the base's markup before an answer. None in files
    from before there was a choice: their adapters act on the input too."""

    @classmethod
    def for_base(
        cls,
        base: Shape,
        *,
        condition: int,
        hidden: int,
        rank: int,
        first_layer: int,
        read_layer: int | None = None,
        invocation: tuple[int, ...] = (),
    ) -> NetworkConfig:
        """All linears of the base's layers from `first_layer` on."""
        sizes = tuple((name, *size) for name, size in base.linear_sizes().items())
        paths = tuple(base.paths[name] for name, _, _ in sizes)
        layers = base.layers - first_layer
        # Left out where it says nothing: such a file is as those from before there was a choice.
        read = None if read_layer == first_layer else read_layer
        return cls(
            condition, base.hidden, hidden, rank, first_layer, layers, sizes, paths, read,
            invocation,
        )  # fmt: skip

    @property
    def reads_at(self) -> int:
        """The layer whose entering states make the condition."""
        return self.first_layer if self.read_layer is None else self.read_layer

    @property
    def templates(self) -> Mapping[str, str]:
        """Each linear's path with the layer left open."""
        if not self.paths:
            return PATHS
        return {name: path for (name, _, _), path in zip(self.sizes, self.paths, strict=True)}

    def difference(self, base: Shape) -> str | None:
        """Why a network of this shape is not for a base, in words; None when it is."""
        if self.states != base.hidden:
            return f"made for a base of hidden size {self.states}, this one's is {base.hidden}"
        if self.first_layer + self.layers != base.layers:
            layers = self.first_layer + self.layers
            return f"made for a base of {layers} layers, this one has {base.layers}"
        sizes = base.linear_sizes()
        for name, *size in self.sizes:
            if sizes.get(name) != tuple(size) or self.templates.get(name) != base.paths[name]:
                return f"made for a base with linears {name} of {size}, which this one lacks"
        return None
