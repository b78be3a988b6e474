"""A stateful stand-in of Meta: Messenger and Instagram, in both login modes, over real HTTP."""

from bridge.demo.meta.deliveries import Delivery
from bridge.demo.meta.standin import MetaStandIn
from bridge.demo.meta.world import Account, Bubble, Call, Customer, Token

__all__ = ["Account", "Bubble", "Call", "Customer", "Delivery", "MetaStandIn", "Token"]
