"""How is an activation of a sum divided among its terms, when the activation is not linear?"""

from collections.abc import Callable

from torch import Tensor

Function = Callable[[Tensor], Tensor]


def two_terms(function: Function, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """L(one) and L(other), whose sum is function(one + other): for a function that is 0 at 0.

    What each adds when it comes first and when it comes last, averaged over both orders (Murdoch, Liu & Yu 2018, eq. 15).
    """
    both, first, last = function(one + other), function(one), function(other)
    return (first + both - last) / 2, (last + both - first) / 2


def three_terms(function: Function, one: Tensor, other: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """L(one), L(other) and L(bias), whose sum is function(one + other + bias).

    As `two_terms`, averaged over the orders in which the bias comes first, as Murdoch, Liu & Yu (2018, after eq. 15) do.
    """
    start, end = function(bias), function(one + other + bias)
    first, last = function(one + bias), function(other + bias)
    return (first - start + end - last) / 2, (last - start + end - first) / 2, start
