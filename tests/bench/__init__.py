"""What things cost, in figures. `make bench [ONLY='NAME …']` fails only
where what is compared is not the same.

answering   whole answers in CPU, memory and calls, against a floor without GraphQL and against stock execution
deciding    who may see what
http        the HTTP side
hostile     documents and bodies made to cost much
memory      ten thousand documents
lasting     ten minutes of load, and what they leave in memory; only when asked for

`answering` is made of: `made` (a company by formula), `upstream` (its systems, on the wire), `questions`, `floor` and
`stock` (the yardsticks), `columns` (what each is fetched for), `load` (who asks), `processes` (each on its core, and what
it used), `tables` (what is told).
"""
