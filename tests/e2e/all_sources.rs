//! Every source in one run from one file into PostgreSQL. Each fails in its turn: the others end as if nothing were, the
//! gap is named, nothing is retired. Planted secrets are searched in everything that left the process.
//!
//! To add a source, add a [`Part`].

use std::any::Any;

use auditor_fakes::{Background, alert_logic, aws_eks, aws_organization, cloudhealth, kubernetes};
use auditor_testbed::{
    fake_aws::{Estate, FakeAws, Fault, Rule, Size},
    harness::{
        postgres::{Database, Server},
        program::{Auditor, Output},
    },
};
use serde_json::Value;

use crate::common::{Report, create_tables, listed, program, source_settings};

/// Makes a source fail, or work again.
type Switch = Box<dyn Fn(&Auditor, bool)>;

/// A source against its fake.
struct Part {
    /// Its name in the file.
    source: &'static str,
    /// Its part of the file.
    toml: String,
    /// What must be seen nowhere.
    secrets: Vec<String>,
    /// Kinds of which records must be stored.
    holds: &'static [&'static str],
    /// Makes it fail, or work again.
    works: Switch,
    /// What its gap must say when it fails.
    gap: &'static [&'static str],
    /// The fake, where nothing else holds it.
    _keep: Box<dyn Any>,
}

fn parts() -> Vec<Part> {
    vec![aws(), aws_organization(), aws_eks(), kubernetes(), cloudhealth(), alert_logic()]
}

fn aws() -> Part {
    const EXTERNAL_ID: &str = "planted-aws-external-id";
    let aws = std::rc::Rc::new(FakeAws::start(Estate::generate(1, 3, Size::SMALL)));
    let ids = aws.estate().members().to_vec();
    for id in &ids {
        aws.estate().change(id, |account| account.access.external_id = Some(EXTERNAL_ID.to_owned()));
    }
    let toml = format!("{}external_id = \"{EXTERNAL_ID}\"\n{}", source_settings(&aws), listed(&ids));
    let works = {
        let aws = std::rc::Rc::clone(&aws);
        move |_: &Auditor, works: bool| {
            if works { aws.no_faults() } else { aws.fault(Rule::new("*", Fault::AccessDenied)) }
        }
    };
    Part {
        source: "aws",
        toml,
        secrets: vec![EXTERNAL_ID.to_owned()],
        holds: &["account", "principal", "aws_iam_user", "aws_iam_role"],
        works: Box::new(works),
        gap: &["sts:AssumeRole"],
        _keep: Box::new(aws),
    }
}

fn aws_organization() -> Part {
    let fake = Background::start(aws_organization::Fake::start());
    let toml = format!(
        "[sources.organization]\ntype = \"aws-organization\"\nattempts = 2\nrequests_per_second = 1000.0\n\
         role_arn = \"arn:aws:iam::{}:role/security/auditor-organization\"\nexternal_id = \"{}\"\n\
         sts_requests_per_second = 1000.0\nendpoint_url = \"{}\"\nparts = {{ cost = true }}\n",
        aws_organization::world::MANAGEMENT,
        aws_organization::EXTERNAL_ID,
        fake.url
    );
    let server = (*fake).clone();
    Part {
        source: "organization",
        toml,
        secrets: aws_organization::SECRETS.map(ToOwned::to_owned).to_vec(),
        holds: &[
            "account",
            "account_cost",
            "aws_organization",
            "aws_organization_policy",
            "aws_sso_assignment",
        ],
        works: Box::new(move |_, works| {
            server.reset();
            if !works {
                server.always("ListAccounts", aws_organization::Reply::access_denied());
            }
        }),
        gap: &["grant `organizations:ListAccounts`"],
        _keep: Box::new(fake),
    }
}

fn aws_eks() -> Part {
    let fake = Background::start(aws_eks::Fake::start());
    let toml = format!(
        "[sources.eks]\ntype = \"aws-eks\"\nattempts = 2\nregions = [\"eu-west-1\", \"us-east-1\"]\n\
         role_name = \"security/auditor\"\nexternal_id = \"{}\"\nsts_requests_per_second = 1000.0\n\
         endpoint_url = \"{}\"\n[[sources.eks.account]]\nid = \"222222222222\"\n",
        aws_eks::EXTERNAL_ID,
        fake.url
    );
    let server = (*fake).clone();
    Part {
        source: "eks",
        toml,
        secrets: aws_eks::SECRETS.map(ToOwned::to_owned).to_vec(),
        holds: &["aws_eks_cluster", "aws_eks_access_entry"],
        works: Box::new(move |_, works| {
            server.reset();
            if !works {
                server.always("*", aws_eks::Reply::access_denied());
            }
        }),
        gap: &["grant `eks:ListClusters`"],
        _keep: Box::new(fake),
    }
}

/// Its cluster does not answer at all, and so has no key of its own while it is away.
fn kubernetes() -> Part {
    let fake = std::rc::Rc::new(Background::start(kubernetes::Fake::start()));
    let kubeconfig = format!(
        "clusters:\n- {{name: prod, cluster: {{server: \"{}\"}}}}\ncontexts:\n- {{name: prod, context: {{cluster: prod, \
         user: auditor}}}}\nusers:\n- {{name: auditor, user: {{token: {}}}}}\n",
        fake.url,
        kubernetes::TOKEN
    );
    let works = {
        let fake = std::rc::Rc::clone(&fake);
        move |auditor: &Auditor, works: bool| {
            auditor.write("kubeconfig", &kubeconfig);
            fake.reset();
            if !works {
                fake.always("", kubernetes::Reply::Status(503, "the cluster is being moved"));
            }
        }
    };
    Part {
        source: "kubernetes",
        toml:
            "[sources.kubernetes]\nattempts = 2\n[[sources.kubernetes.kubeconfig]]\npath = \"kubeconfig\"\n"
                .to_owned(),
        secrets: kubernetes::SECRETS.map(ToOwned::to_owned).to_vec(),
        holds: &["kubernetes_cluster", "kubernetes_role", "kubernetes_workload", "principal"],
        works: Box::new(works),
        gap: &["the cluster is being moved"],
        _keep: Box::new(fake),
    }
}

fn cloudhealth() -> Part {
    const WRONG: &str = "planted-wrong-cloudhealth-key";
    let fake = Background::start(cloudhealth::Fake::start());
    let toml = format!(
        "[sources.cloudhealth]\nrequests_per_second = 1000.0\nattempts = 2\ncost_months = 2\n\
         [[sources.cloudhealth.tenant]]\nid = \"main\"\npartner = true\napi_key = {{ file = \"cloudhealth-key\" }}\n\
         [sources.cloudhealth.http]\nendpoint = \"{}\"\n",
        fake.url
    );
    Part {
        source: "cloudhealth",
        toml,
        secrets: cloudhealth::SECRETS.into_iter().chain([WRONG]).map(ToOwned::to_owned).collect(),
        holds: &["account", "account_cost", "tool_coverage", "cloudhealth_aws_account"],
        works: Box::new(|auditor, works| {
            auditor.write("cloudhealth-key", if works { cloudhealth::KEY } else { WRONG });
        }),
        gap: &["HTTP 403", "api_key"],
        _keep: Box::new(fake),
    }
}

fn alert_logic() -> Part {
    const WRONG: &str = "planted-wrong-alert-logic-key";
    let fake = Background::start(alert_logic::Fake::start());
    let toml = format!(
        "[sources.alert-logic]\nattempts = 2\naccess_key_id = \"{}\"\n\
         secret_key = {{ file = \"alert-logic-key\" }}\n[sources.alert-logic.http]\nendpoint = \"{}\"\n",
        alert_logic::KEY_ID,
        fake.url
    );
    Part {
        source: "alert-logic",
        toml,
        secrets: alert_logic::SECRETS.into_iter().chain([WRONG]).map(ToOwned::to_owned).collect(),
        holds: &["account", "principal", "tool_coverage", "alertlogic_deployment"],
        works: Box::new(|auditor, works| {
            auditor.write("alert-logic-key", if works { alert_logic::SECRET_KEY } else { WRONG });
        }),
        gap: &["secret_key"],
        _keep: Box::new(fake),
    }
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
fn all_sources_in_one_run_each_failing_in_its_turn() {
    let parts = parts();
    let database = Server::shared().database();
    create_tables(&database);
    let settings: String = parts.iter().map(|part| part.toml.as_str()).collect::<Vec<_>>().concat();
    // Loud, since a log is where secrets are lost most easily.
    let auditor = program()
        .env("RUST_LOG", "debug")
        .config(&format!("{settings}[sinks.postgres]\nurl = \"{}\"\n", database.url()));
    let secrets: Vec<_> =
        parts.iter().flat_map(|part| part.secrets.clone()).chain([database.password().to_owned()]).collect();
    let run = |code: i32| {
        let report = Report::of(auditor.run(&["run", "--format", "json"]), code);
        expect_no_secret(&report.output, &secrets);
        report
    };
    for part in &parts {
        (part.works)(&auditor, true);
    }

    let first = run(0);
    for part in &parts {
        for kind in part.holds {
            let sql = format!(
                "SELECT count(*) AS n FROM resource_current WHERE source = '{}' AND kind = '{kind}'",
                part.source
            );
            assert_ne!(database.query(&sql)[0]["n"], 0, "{kind} of {}: {}", part.source, first.output);
        }
    }

    for part in &parts {
        (part.works)(&auditor, false);
        let report = run(3);
        report.expect_unseen_kept();
        assert_eq!(report.total("removed"), 0, "{}", report.output);
        for other in parts.iter().filter(|other| other.source != part.source) {
            expect_complete(&report, other.source);
        }
        let gaps = gaps(&report, part.source);
        for word in part.gap {
            assert!(gaps.contains(word), "the gap of {} lacks `{word}`: {gaps}", part.source);
        }
        for command in [&["gaps"][..], &["accounts", "blind-spots"], &["check"], &["runs"]] {
            expect_no_secret(&auditor.run(command), &secrets);
        }
        (part.works)(&auditor, true);
    }
    let last = run(0);
    assert_eq!((last.total("new"), last.total("removed")), (0, 0), "{}", last.output);
    // Also of the cluster that was not known by its key while it was away.
    auditor.run(&["gaps"]).expect_code(0).expect_stderr(&["no gaps"]);

    // CloudHealth knows accounts that nobody audits, and who owns them.
    let spots = auditor.run(&["accounts", "blind-spots", "--system", "aws-iam"]).expect_code(0);
    spots.clone().expect_stdout(&["111111111111", "not known to aws-iam", "Payments Platform Team"]);
    expect_no_secret(&spots, &secrets);
    auditor.run(&["verify"]).expect_code(0);
    expect_no_secret_stored(&database, &secrets);
}

#[track_caller]
fn expect_no_secret(output: &Output, secrets: &[String]) {
    for secret in secrets {
        output.clone().expect_nowhere(secret);
    }
}

/// Searches every row of every table and view.
#[track_caller]
fn expect_no_secret_stored(database: &Database, secrets: &[String]) {
    let tables = database.query(
        "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    assert!(tables.len() > 7, "{tables:?}");
    let mut bytes = 0;
    for table in tables {
        let name = table["name"].as_str().unwrap();
        let text = format!("{:?}", database.query(&format!("SELECT t::text AS line FROM {name} t")));
        bytes += text.len();
        for secret in secrets {
            assert!(!text.contains(secret.as_str()), "`{secret}` is stored in {name}");
        }
    }
    assert!(bytes > 100_000, "something was searched: {bytes} bytes");
}

/// The tasks of a source.
fn tasks<'a>(report: &'a Report, source: &str) -> Vec<&'a Value> {
    let tasks = report.json["tasks"].as_array().unwrap().iter();
    tasks.filter(|task| task["source"] == source).collect()
}

#[track_caller]
fn expect_complete(report: &Report, source: &str) {
    let tasks = tasks(report, source);
    assert!(!tasks.is_empty(), "no task of {source}: {}", report.output);
    for scope in tasks.iter().flat_map(|task| task["scopes"].as_array().unwrap()) {
        assert_eq!(scope["outcome"], "complete", "{source} {}: {}", scope["kind"], report.output);
    }
}

/// Every gap of a source as JSON text, whether of its plan or of its listings.
fn gaps(report: &Report, source: &str) -> String {
    let failures = report.json["failures"].as_array().unwrap().iter();
    let planned = failures.filter(|failure| failure["source"] == source).map(|failure| &failure["gap"]);
    let scopes = tasks(report, source).into_iter().flat_map(|task| task["scopes"].as_array().unwrap());
    let listed = scopes.flat_map(|scope| scope["gaps"].as_array().unwrap());
    planned.chain(listed).map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
