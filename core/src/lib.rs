//! An embeddable, real-time audit trail for task and orchestration work.
