"""The audit trail: who has seen whom, as what, for what, and which kinds of data; never the data.

record.py     what is written down
chain.py      how records hang together, and what is signed of them
vault.py      whom records are about, sealed so that they can be forgotten
store.py      the file
book.py       writes chains, one per process
retention.py  drops whole segments by age
verify.py     whether nothing was changed
"""
