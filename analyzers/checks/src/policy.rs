//! Questions about one policy document. Each answer is the reason for a failure, or `None`.

use std::collections::BTreeSet;

use auditor_aws_policy::{Document, Effect, Pattern, Statement};

use crate::context::Context;

/// A question about a document: why it fails, if it does.
pub(crate) type Question = fn(&Context<'_>, &Document) -> Option<String>;

/// Ways to more rights by what one policy grants: all actions of a row are needed. `iam:PassRole` gives a role to what
/// the other actions make. What principals can really reach is another check's, which knows denies and targets.
const ESCALATIONS: &[&[&str]] = &[
    &["iam:AddUserToGroup"],
    &["iam:AttachGroupPolicy"],
    &["iam:AttachRolePolicy"],
    &["iam:AttachUserPolicy"],
    &["iam:CreateAccessKey"],
    &["iam:CreateLoginProfile"],
    &["iam:CreatePolicyVersion"],
    &["iam:PutGroupPolicy"],
    &["iam:PutRolePolicy"],
    &["iam:PutUserPolicy"],
    &["iam:SetDefaultPolicyVersion"],
    &["iam:UpdateAssumeRolePolicy"],
    &["iam:UpdateLoginProfile"],
    &["iam:PassRole", "apprunner:CreateService"],
    &["iam:PassRole", "cloudformation:CreateStack"],
    &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
    &[
        "iam:PassRole",
        "datapipeline:CreatePipeline",
        "datapipeline:PutPipelineDefinition",
        "datapipeline:ActivatePipeline",
    ],
    &["iam:PassRole", "ec2:RunInstances"],
    &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
    &["iam:PassRole", "glue:CreateDevEndpoint"],
    &["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
    &["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    &["iam:PassRole", "sagemaker:CreateProcessingJob"],
    &["iam:PassRole", "sagemaker:CreateTrainingJob"],
];

/// Actions by which somebody gives a user or role rights.
const GIVING: [&str; 6] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
];

const MFA: &str = "aws:multifactorauthpresent";

fn allows(document: &Document) -> impl Iterator<Item = &Statement> {
    document.statements.iter().filter(|statement| statement.effect == Effect::Allow)
}

fn under(statement: &Statement) -> &'static str {
    if statement.conditions.is_empty() { "" } else { ", under conditions" }
}

/// Whether a statement of the document refuses something of this everywhere and always.
fn refused(document: &Document, actions: &Pattern) -> bool {
    document.statements.iter().any(|statement| {
        statement.effect == Effect::Deny
            && statement.conditions.is_empty()
            && statement.resources.fixed.is_everything()
            && statement.actions.intersects_pattern(actions)
    })
}

/// Every action on every resource. Refusals of single actions take nothing from who may lift them.
pub(crate) fn everything(_: &Context<'_>, document: &Document) -> Option<String> {
    let any = Pattern::action("*:*");
    let statement = allows(document).find(|statement| {
        statement.actions.covers_pattern(&any) && statement.resources.fixed.is_everything()
    })?;
    Some(format!("{} allows every action on every resource{}", statement.label(), under(statement)))
}

/// Every action of a service on every resource.
fn whole_service(document: &Document, service: &str) -> Option<String> {
    let all = Pattern::action(&format!("{service}:*"));
    let statement = allows(document).find(|statement| {
        statement.actions.covers_pattern(&all) && statement.resources.fixed.is_everything()
    })?;
    let reason = format!(
        "{} allows every action of {service} on every resource{}",
        statement.label(),
        under(statement)
    );
    (!refused(document, &all)).then_some(reason)
}

pub(crate) fn whole_cloudtrail(_: &Context<'_>, document: &Document) -> Option<String> {
    whole_service(document, "cloudtrail")
}

pub(crate) fn whole_kms(_: &Context<'_>, document: &Document) -> Option<String> {
    whole_service(document, "kms")
}

/// The statement that grants an action on every resource, unless another one refuses it.
fn wide_grant<'d>(document: &'d Document, action: &str) -> Option<&'d Statement> {
    let statement = allows(document)
        .find(|statement| statement.actions.matches(action) && statement.resources.fixed.is_everything())?;
    (!refused(document, &Pattern::action(action))).then_some(statement)
}

pub(crate) fn marketplace(_: &Context<'_>, document: &Document) -> Option<String> {
    let statement = wide_grant(document, "aws-marketplace:Subscribe")?;
    Some(format!("{} allows to subscribe to any product{}", statement.label(), under(statement)))
}

/// Whether a statement is about every role of an account, or of any.
fn every_role(context: &Context<'_>, statement: &Statement) -> bool {
    let own = context.iam_resources.iter().filter(|pattern| pattern.as_str().contains(":role/"));
    statement.resources.fixed.is_everything()
        || own.into_iter().any(|roles| statement.resources.fixed.covers_pattern(roles))
}

fn on_every_role<'d>(context: &Context<'_>, document: &'d Document, action: &str) -> Option<&'d Statement> {
    let statement = allows(document)
        .find(|statement| statement.actions.matches(action) && every_role(context, statement))?;
    (!refused(document, &Pattern::action(action))).then_some(statement)
}

pub(crate) fn assume_any(context: &Context<'_>, document: &Document) -> Option<String> {
    let statement = on_every_role(context, document, "sts:AssumeRole")?;
    Some(format!("{} allows to assume any role{}", statement.label(), under(statement)))
}

pub(crate) fn pass_any(context: &Context<'_>, document: &Document) -> Option<String> {
    let statement = on_every_role(context, document, "iam:PassRole")?;
    let services: BTreeSet<_> = statement
        .conditions
        .iter()
        .filter(|condition| condition.folded_key() == "iam:passedtoservice" && condition.is_positive())
        .flat_map(|condition| condition.values.iter().map(String::as_str))
        .collect();
    let to = if services.is_empty() {
        "any service".to_owned()
    } else {
        services.into_iter().collect::<Vec<_>>().join(", ")
    };
    Some(format!("{} allows to pass any role to {to}", statement.label()))
}

/// Whether a statement gives an action of IAM on all users, roles, groups or policies, with nothing that bounds what
/// is given.
fn unbounded(context: &Context<'_>, statement: &Statement, action: &str) -> bool {
    let bounded =
        || statement.conditions.iter().any(|condition| condition.folded_key() == "iam:permissionsboundary");
    let wide = || {
        statement.resources.fixed.is_everything()
            || context.iam_resources.iter().any(|all| statement.resources.fixed.covers_pattern(all))
    };
    statement.actions.matches(action) && wide() && !bounded()
}

/// Rows of [`ESCALATIONS`] that a document grants.
pub(crate) fn escalations(context: &Context<'_>, document: &Document) -> Vec<String> {
    let granted = |action: &&str| {
        let grants = |statement: &Statement| {
            if action.starts_with("iam:") {
                unbounded(context, statement, action)
            } else {
                statement.actions.matches(action)
            }
        };
        allows(document).any(grants) && !refused(document, &Pattern::action(action))
    };
    // Most documents grant none of what each row begins with.
    ESCALATIONS.iter().filter(|row| row.iter().all(granted)).map(|row| row.join(" and ")).collect()
}

pub(crate) fn escalates(context: &Context<'_>, document: &Document) -> Option<String> {
    let ways = escalations(context, document);
    let first = ways.first()?;
    let more = if ways.len() == 1 { String::new() } else { format!(" (and {} other ways)", ways.len() - 1) };
    Some(format!("it allows {first}{more}, by which a holder can gain rights"))
}

pub(crate) fn gives_unbounded(context: &Context<'_>, document: &Document) -> Option<String> {
    let given: Vec<_> = GIVING
        .into_iter()
        .filter(|action| allows(document).any(|statement| unbounded(context, statement, action)))
        .filter(|action| !refused(document, &Pattern::action(action)))
        .collect();
    (!given.is_empty())
        .then(|| format!("it allows {} without asking for a permissions boundary", given.join(", ")))
}

pub(crate) fn not_action(_: &Context<'_>, document: &Document) -> Option<String> {
    let statement = allows(document).find(|statement| statement.actions.negated)?;
    Some(format!("{} allows everything but some actions (`NotAction`)", statement.label()))
}

pub(crate) fn not_resource(_: &Context<'_>, document: &Document) -> Option<String> {
    let named = |statement: &&Statement| {
        statement.resources.fixed.negated && statement.resources.written().next().is_some()
    };
    let statement = allows(document).find(named)?;
    Some(format!("{} allows something on everything but some resources (`NotResource`)", statement.label()))
}

/// Second factors that are asked for in a way that requests without one get around. Requests signed with long-lived keys
/// do not carry the key of the condition at all.
pub(crate) fn mfa_bypass(_: &Context<'_>, document: &Document) -> Option<String> {
    for statement in &document.statements {
        for condition in statement.conditions.iter().filter(|condition| condition.folded_key() == MFA) {
            let null = condition.operator.eq_ignore_ascii_case("null");
            let asks = |value: &str| condition.values.iter().any(|other| other.eq_ignore_ascii_case(value));
            let label = statement.label();
            match statement.effect {
                Effect::Deny if !null && asks("false") && !condition.holds_when_missing() => {
                    let closed = document.statements.iter().any(|other| {
                        other.effect == Effect::Deny
                            && other.actions.covers(&statement.actions)
                            && other.conditions.iter().any(|condition| {
                                condition.folded_key() == MFA && condition.holds_when_missing()
                            })
                    });
                    if !closed {
                        return Some(format!(
                            "{label} refuses by `{}`, which does not hold for requests with access keys: `BoolIfExists` does",
                            condition.operator
                        ));
                    }
                }
                Effect::Allow if !null && asks("true") && condition.holds_when_missing() => {
                    return Some(format!(
                        "{label} allows by `{}`, which also holds for requests with access keys: `Bool` does not",
                        condition.operator
                    ));
                }
                _ => {}
            }
        }
    }
    None
}
