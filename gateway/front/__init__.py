"""The gateway's pages, as they are written: TypeScript, built into `gateway/static`. No wheel has this folder."""
