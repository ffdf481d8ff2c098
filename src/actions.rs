//! Every change anyone can ask for: validated, authorised, audited, one transaction each.
