//! auditor-source-aws-iam
