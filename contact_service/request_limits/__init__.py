"""How much one caller may ask in how short a time, so that no machine takes from families what they need.

``kinds`` is the one table, ``buckets`` counts, ``known`` is how a door says who came through.  Pure, and in the memory
of one process: several copies of ``serve`` each count by themselves.  The doors that take a secret have limits of
their own besides, in the database (``identity``, ``invitations``).
"""
