"""The transfer syntaxes of whoever wants to be stored with, by C-GET, in the order of their wishes (PS3.7 D.3.3.4)."""

from pydicom.uid import UID
from pynetdicom.association import Association


def prefer_as_proposed(association: Association) -> None:
    """Where the requestor proposes to be SCP of a storage class, take its syntaxes in its own order.

    To be called before the contexts are negotiated. Of several syntaxes in one context the acceptor picks one. Of
    those who store with us we take an uncompressed one, which every sender has; who gets from us says first what it
    would like best, as a rule the coding that most objects are stored in.
    """
    wishes: dict[str, dict[str, None]] = {}
    getting = {uid for uid, roles in association.requestor.role_selection.items() if roles.scp_role}
    for proposed in association.requestor.requested_contexts:
        if proposed.abstract_syntax in getting:
            wishes.setdefault(str(proposed.abstract_syntax), {}).update(dict.fromkeys(proposed.transfer_syntax))
    supported = association.acceptor.supported_contexts
    for context in supported:
        wanted = wishes.get(str(context.abstract_syntax))
        if wanted:
            taken = context.transfer_syntax
            first = [syntax for syntax in map(UID, wanted) if syntax in taken]
            context.transfer_syntax = [*first, *(syntax for syntax in taken if syntax not in wanted)]
    association.acceptor.supported_contexts = supported
