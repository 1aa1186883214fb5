//! The plugins of this program, each named once: the linker drops a crate that nobody names, and its registration
//! with it.

#[cfg(feature = "sink-jsonl")]
use auditor_sink_jsonl as _;
#[cfg(feature = "sink-postgres")]
use auditor_sink_postgres as _;
#[cfg(feature = "sink-sqlite")]
use auditor_sink_sqlite as _;
#[cfg(feature = "source-alert-logic")]
use auditor_source_alert_logic as _;
#[cfg(feature = "source-aws-iam")]
use auditor_source_aws_iam as _;
#[cfg(feature = "source-aws-organization")]
use auditor_source_aws_organization as _;
#[cfg(feature = "source-cloudhealth")]
use auditor_source_cloudhealth as _;
#[cfg(feature = "source-kubernetes")]
use auditor_source_kubernetes as _;
