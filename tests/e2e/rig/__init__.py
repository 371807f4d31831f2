"""A real office in a box: an Asterisk, telephones and a carrier, all on loopback.

    async with Asterisk(folder) as pbx, Trunk(pbx) as trunk, Phone(pbx, "1001") as phone:
        customer = await trunk.call("0124041011", from_="0501234567")
        agent = await phone.incoming()      # it rings
        await agent.answer()
        await customer.until_answered()
        await customer.hang_up()
        await agent.until_ended()

Asterisk runs with the very files of `asterisk-config`; phones and carrier are SIPp. What happened, and
when, is read from SIPp's own account of the SIP messages, never from what Asterisk says of itself.
"""

from tests.e2e.rig.ami import AmiUser
from tests.e2e.rig.asterisk import Asterisk, why_there_is_none
from tests.e2e.rig.call import Call
from tests.e2e.rig.phone import Phone, Phones, Trunk

__all__ = ["AmiUser", "Asterisk", "Call", "Phone", "Phones", "Trunk", "why_there_is_none"]
