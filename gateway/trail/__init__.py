"""The audit trail: who has seen whom, as what, for what, and which kinds of data; never the data.

record.py     what is written down
chain.py      how records hang together, and what is signed of them
vault.py      whom records are about, sealed so that they can be forgotten
store.py      the file
book.py       writes chains, one per process
retention.py  drops whole segments by age
bulk.py       who reads of far more people than others do
upkeep.py     retention and alerts, between commits
writer.py     many answers' records in one commit, and nobody waits for a disk in the event loop
trail.py      what the pipeline knows of it
reading.py    what stands there about somebody
replay.py     decides a recorded question once more
ends.py       where chains end, beyond what is signed
verify.py     whether nothing was changed
export.py     the trail as a file, checked without its folder
opening.py    a gateway's trail, from its settings
"""
