//! The plugins of this program, each named once: the linker drops a crate that nobody names, and its registration
//! with it.

#[cfg(feature = "analyzer-aws-access")]
use auditor_analyzer_aws_access as _;
#[cfg(feature = "analyzer-checks")]
use auditor_analyzer_checks as _;
#[cfg(feature = "analyzer-kubernetes-access")]
use auditor_analyzer_kubernetes_access as _;
#[cfg(feature = "sink-jsonl")]
use auditor_sink_jsonl as _;
#[cfg(feature = "sink-postgres")]
use auditor_sink_postgres as _;
#[cfg(feature = "sink-sqlite")]
use auditor_sink_sqlite as _;
#[cfg(feature = "source-alert-logic")]
use auditor_source_alert_logic as _;
#[cfg(feature = "source-aws-eks")]
use auditor_source_aws_eks as _;
#[cfg(feature = "source-aws-iam")]
use auditor_source_aws_iam as _;
#[cfg(feature = "source-aws-organization")]
use auditor_source_aws_organization as _;
#[cfg(feature = "source-cloudhealth")]
use auditor_source_cloudhealth as _;
#[cfg(feature = "source-kubernetes")]
use auditor_source_kubernetes as _;

/// Says of each plugin that was left out of this build how to have it.
macro_rules! absent {
    ($($sort:literal $name:literal $feature:literal;)+) => {$(
        #[cfg(not(feature = $feature))]
        auditor_core::inventory::submit! {
            auditor_core::registry::AbsentPlugin {
                sort: $sort,
                name: $name,
                why: concat!("build `auditor` with its feature `", $feature, "`"),
            }
        }
    )+};
}

absent! {
    "analyzer" "aws-access" "analyzer-aws-access";
    "analyzer" "aws-reach" "analyzer-aws-access";
    "analyzer" "kubernetes-access" "analyzer-kubernetes-access";
    "analyzer" "checks" "analyzer-checks";
    "sink" "jsonl" "sink-jsonl";
    "sink" "postgres" "sink-postgres";
    "sink" "sqlite" "sink-sqlite";
    "source" "alert-logic" "source-alert-logic";
    "source" "aws-eks" "source-aws-eks";
    "source" "aws-iam" "source-aws-iam";
    "source" "aws-organization" "source-aws-organization";
    "source" "cloudhealth" "source-cloudhealth";
    "source" "kubernetes" "source-kubernetes";
}
