"""What things cost, in figures. Nothing here is a test, and nothing fails: `make bench [ONLY='NAME …']`.

answering   whole answers in CPU, memory and calls, against a floor without GraphQL and against stock execution
deciding    who may see what
http        the HTTP side
hostile     documents and bodies made to cost much
memory      ten thousand documents

`answering` is made of: `made` (a company by formula), `upstream` (its systems, on the wire), `questions`, `floor` and
`stock` (the yardsticks), `load` (who asks), `processes` (each on its core, and what it used), `tables` (what is told).
"""
