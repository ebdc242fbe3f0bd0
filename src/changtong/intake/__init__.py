"""How a matter reaches us: contacts through any channel, proof of a phone number, imports."""
