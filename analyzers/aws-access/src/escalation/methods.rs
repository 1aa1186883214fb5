//! The ways in which one principal comes by the rights of another, or by more of its own, as a table.
//!
//! Ids of the form `iam-001` are those of the public catalogue <https://pathfinding.cloud> (`DataDog`, Apache-2.0); the others
//! are ours. What a method needs is stated here in our own terms.

use serde::Serialize;

/// How much policies alone prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tier {
    /// All of it: actor, action and target are in IAM.
    Provable,
    /// That a role can be given to a service which trusts it.
    PassRole,
    /// That it is possible, if something exists that IAM does not know: a function, an instance, another's help.
    Potential,
}

/// What a method leads to, and so what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// More rights for the actor, a user.
    OwnUser,
    /// More rights for the actor, a role.
    OwnRole,
    /// More rights for a group that the actor is in.
    OwnGroup,
    /// Another content of a customer-managed policy that the actor holds.
    OwnPolicy,
    /// An older, wider version of a policy that the actor holds.
    OlderVersion,
    /// Joining a group.
    JoinGroup,
    /// Giving a group more rights and joining it.
    MadeGroup,
    /// The credentials of another user.
    OtherUser,
    /// A session of another role.
    OtherRole,
    /// The credentials of another user, after giving it more rights.
    MadeUser,
    /// A session of another role, after giving it more rights.
    MadeRole,
    /// A session of another role, after changing a policy that it holds.
    MadeRoleByPolicy,
    /// A new user or role with every right.
    NewPrincipal,
    /// A role that is passed to something new.
    PassRole,
    /// A role that something existing has.
    Existing,
}

/// What the resource of an action must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The actor, its group or its policy, or the target, as the shape has it.
    It,
    /// The policy of the target role that is changed.
    Policy,
    /// The target role, to be passed to one of the services.
    Passed,
    /// The target role, by its trust policy as it is.
    Trusted,
    /// The target role, once its trust policy names the actor.
    OnceTrusted,
    /// A user or role that is made for it.
    New,
    /// Anything.
    Any,
}

/// One method.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) tier: Tier,
    pub(crate) shape: Shape,
    /// Actions, all of which are needed.
    pub(crate) needs: &'static [(&'static str, On)],
    /// Services of which the role must trust one.
    pub(crate) services: &'static [&'static str],
}

const fn iam(
    id: &'static str,
    shape: Shape,
    needs: &'static [(&'static str, On)],
    summary: &'static str,
) -> Method {
    Method { id, summary, tier: Tier::Provable, shape, needs, services: &[] }
}

const fn pass(
    id: &'static str,
    services: &'static [&'static str],
    needs: &'static [(&'static str, On)],
    summary: &'static str,
) -> Method {
    Method { id, summary, tier: Tier::PassRole, shape: Shape::PassRole, needs, services }
}

const fn existing(
    id: &'static str,
    services: &'static [&'static str],
    needs: &'static [(&'static str, On)],
    summary: &'static str,
) -> Method {
    Method { id, summary, tier: Tier::Potential, shape: Shape::Existing, needs, services }
}

use On::{Any, It, New, OnceTrusted, Passed, Policy, Trusted};

const PASS: (&str, On) = ("iam:PassRole", Passed);
const ASSUME: (&str, On) = ("sts:AssumeRole", Trusted);
const ONCE_TRUSTED: (&str, On) = ("sts:AssumeRole", OnceTrusted);
const APP_RUNNER: &[&str] = &["tasks.apprunner.amazonaws.com"];
const AGENTS: &[&str] = &["bedrock-agentcore.amazonaws.com"];
const FORMATION: &[&str] = &["cloudformation.amazonaws.com"];
const BUILD: &[&str] = &["codebuild.amazonaws.com"];
const EC2: &[&str] = &["ec2.amazonaws.com"];
const EC2_SSM: &[&str] = &["ec2.amazonaws.com", "ssm.amazonaws.com"];
const ECS: &[&str] = &["ecs-tasks.amazonaws.com"];
const GLUE: &[&str] = &["glue.amazonaws.com"];
const LAMBDA: &[&str] = &["lambda.amazonaws.com"];
const PIPELINE: &[&str] =
    &["datapipeline.amazonaws.com", "ec2.amazonaws.com", "elasticmapreduce.amazonaws.com"];
const SAGEMAKER: &[&str] = &["sagemaker.amazonaws.com"];

/// Every method.
pub(crate) static METHODS: &[Method] = &[
    iam("iam-001", Shape::OwnPolicy, &[("iam:CreatePolicyVersion", It)], "Rewrite a policy that it holds"),
    iam(
        "iam-set-default-version",
        Shape::OlderVersion,
        &[("iam:SetDefaultPolicyVersion", It)],
        "Put an older, wider version of a policy that it holds back in force",
    ),
    iam("iam-002", Shape::OtherUser, &[("iam:CreateAccessKey", It)], "Make an access key of another user"),
    iam(
        "iam-003",
        Shape::OtherUser,
        &[("iam:CreateAccessKey", It), ("iam:DeleteAccessKey", It)],
        "Replace an access key of another user that has two",
    ),
    iam("iam-004", Shape::OtherUser, &[("iam:CreateLoginProfile", It)], "Give another user a password"),
    iam("iam-005", Shape::OwnRole, &[("iam:PutRolePolicy", It)], "Write itself, a role, an inline policy"),
    iam("iam-006", Shape::OtherUser, &[("iam:UpdateLoginProfile", It)], "Change another user's password"),
    iam("iam-007", Shape::OwnUser, &[("iam:PutUserPolicy", It)], "Write itself, a user, an inline policy"),
    iam("iam-008", Shape::OwnUser, &[("iam:AttachUserPolicy", It)], "Attach a policy to itself, a user"),
    iam("iam-009", Shape::OwnRole, &[("iam:AttachRolePolicy", It)], "Attach a policy to itself, a role"),
    iam(
        "iam-010",
        Shape::OwnGroup,
        &[("iam:AttachGroupPolicy", It)],
        "Attach a policy to a group that it is in",
    ),
    iam(
        "iam-011",
        Shape::OwnGroup,
        &[("iam:PutGroupPolicy", It)],
        "Write a group that it is in an inline policy",
    ),
    iam(
        "iam-012",
        Shape::OtherRole,
        &[("iam:UpdateAssumeRolePolicy", It), ONCE_TRUSTED],
        "Make a role trust it, and assume the role",
    ),
    iam("iam-013", Shape::JoinGroup, &[("iam:AddUserToGroup", It)], "Join a group"),
    iam(
        "iam-014",
        Shape::MadeRole,
        &[("iam:AttachRolePolicy", It), ASSUME],
        "Attach a policy to a role that it may assume",
    ),
    iam(
        "iam-015",
        Shape::MadeUser,
        &[("iam:AttachUserPolicy", It), ("iam:CreateAccessKey", It)],
        "Attach a policy to another user and make an access key of it",
    ),
    iam(
        "iam-016",
        Shape::MadeRoleByPolicy,
        &[("iam:CreatePolicyVersion", Policy), ASSUME],
        "Rewrite a policy of a role that it may assume",
    ),
    iam(
        "iam-017",
        Shape::MadeRole,
        &[("iam:PutRolePolicy", It), ASSUME],
        "Write an inline policy of a role that it may assume",
    ),
    iam(
        "iam-018",
        Shape::MadeUser,
        &[("iam:PutUserPolicy", It), ("iam:CreateAccessKey", It)],
        "Write another user an inline policy and make an access key of it",
    ),
    iam(
        "iam-019",
        Shape::MadeRole,
        &[("iam:AttachRolePolicy", It), ("iam:UpdateAssumeRolePolicy", It), ONCE_TRUSTED],
        "Attach a policy to a role and make the role trust it",
    ),
    iam(
        "iam-020",
        Shape::MadeRoleByPolicy,
        &[("iam:CreatePolicyVersion", Policy), ("iam:UpdateAssumeRolePolicy", It), ONCE_TRUSTED],
        "Rewrite a policy of a role and make the role trust it",
    ),
    iam(
        "iam-021",
        Shape::MadeRole,
        &[("iam:PutRolePolicy", It), ("iam:UpdateAssumeRolePolicy", It), ONCE_TRUSTED],
        "Write an inline policy of a role and make the role trust it",
    ),
    iam(
        "iam-attach-join",
        Shape::MadeGroup,
        &[("iam:AttachGroupPolicy", It), ("iam:AddUserToGroup", It)],
        "Attach a policy to a group and join it",
    ),
    iam(
        "iam-put-join",
        Shape::MadeGroup,
        &[("iam:PutGroupPolicy", It), ("iam:AddUserToGroup", It)],
        "Write a group an inline policy and join it",
    ),
    iam(
        "iam-new-user-attach",
        Shape::NewPrincipal,
        &[("iam:CreateUser", New), ("iam:AttachUserPolicy", New), ("iam:CreateAccessKey", New)],
        "Make a user with every right, by an attached policy",
    ),
    iam(
        "iam-new-user-put",
        Shape::NewPrincipal,
        &[("iam:CreateUser", New), ("iam:PutUserPolicy", New), ("iam:CreateAccessKey", New)],
        "Make a user with every right, by an inline policy",
    ),
    iam(
        "iam-new-role-attach",
        Shape::NewPrincipal,
        &[("iam:CreateRole", New), ("iam:AttachRolePolicy", New), ("sts:AssumeRole", New)],
        "Make a role with every right that trusts it, by an attached policy",
    ),
    iam(
        "iam-new-role-put",
        Shape::NewPrincipal,
        &[("iam:CreateRole", New), ("iam:PutRolePolicy", New), ("sts:AssumeRole", New)],
        "Make a role with every right that trusts it, by an inline policy",
    ),
    iam("sts-001", Shape::OtherRole, &[ASSUME], "Assume a role that trusts it"),
    pass(
        "apprunner-001",
        APP_RUNNER,
        &[PASS, ("apprunner:CreateService", Any)],
        "Run code as a new App Runner service",
    ),
    pass(
        "bedrock-001",
        AGENTS,
        &[
            PASS,
            ("bedrock-agentcore:CreateCodeInterpreter", Any),
            ("bedrock-agentcore:StartCodeInterpreterSession", Any),
            ("bedrock-agentcore:InvokeCodeInterpreter", Any),
        ],
        "Run code in a new AgentCore code interpreter",
    ),
    pass(
        "cloudformation-001",
        FORMATION,
        &[PASS, ("cloudformation:CreateStack", Any)],
        "Make a stack under the role",
    ),
    pass(
        "cloudformation-003",
        FORMATION,
        &[PASS, ("cloudformation:CreateStackSet", Any), ("cloudformation:CreateStackInstances", Any)],
        "Make a stack set under the role",
    ),
    pass(
        "cloudformation-004",
        FORMATION,
        &[PASS, ("cloudformation:UpdateStackSet", Any)],
        "Change a stack set under the role",
    ),
    pass(
        "codebuild-001",
        BUILD,
        &[PASS, ("codebuild:CreateProject", Any), ("codebuild:StartBuild", Any)],
        "Run commands in a new build project",
    ),
    pass(
        "codebuild-004",
        BUILD,
        &[PASS, ("codebuild:CreateProject", Any), ("codebuild:StartBuildBatch", Any)],
        "Run commands in a batch of a new build project",
    ),
    pass(
        "datapipeline-001",
        PIPELINE,
        &[
            PASS,
            ("datapipeline:CreatePipeline", Any),
            ("datapipeline:PutPipelineDefinition", Any),
            ("datapipeline:ActivatePipeline", Any),
        ],
        "Run commands in a new data pipeline",
    ),
    pass("ec2-001", EC2, &[PASS, ("ec2:RunInstances", Any)], "Start an instance with the role"),
    pass("ec2-003", EC2, &[PASS, ("ec2:RequestSpotInstances", Any)], "Request a spot instance with the role"),
    pass(
        "ec2-associate-profile",
        EC2,
        &[PASS, ("ec2:AssociateIamInstanceProfile", Any)],
        "Give an instance the role",
    ),
    pass(
        "ec2-replace-profile",
        EC2,
        &[PASS, ("ec2:ReplaceIamInstanceProfileAssociation", Any)],
        "Give an instance the role in place of another",
    ),
    pass(
        "autoscaling-launch-configuration",
        EC2,
        &[PASS, ("autoscaling:CreateLaunchConfiguration", Any), ("autoscaling:CreateAutoScalingGroup", Any)],
        "Start instances with the role in a new scaling group",
    ),
    pass(
        "ecs-001",
        ECS,
        &[PASS, ("ecs:CreateCluster", Any), ("ecs:RegisterTaskDefinition", Any), ("ecs:CreateService", Any)],
        "Run a container as a service in a new cluster",
    ),
    pass(
        "ecs-002",
        ECS,
        &[PASS, ("ecs:CreateCluster", Any), ("ecs:RegisterTaskDefinition", Any), ("ecs:RunTask", Any)],
        "Run a container in a new cluster",
    ),
    pass(
        "ecs-003",
        ECS,
        &[PASS, ("ecs:RegisterTaskDefinition", Any), ("ecs:CreateService", Any)],
        "Run a container as a service",
    ),
    pass(
        "ecs-004",
        ECS,
        &[PASS, ("ecs:RegisterTaskDefinition", Any), ("ecs:RunTask", Any)],
        "Run a container",
    ),
    pass(
        "ecs-005",
        ECS,
        &[PASS, ("ecs:RegisterTaskDefinition", Any), ("ecs:StartTask", Any)],
        "Run a container on a given instance",
    ),
    pass(
        "batch-submit-job",
        ECS,
        &[PASS, ("batch:RegisterJobDefinition", Any), ("batch:SubmitJob", Any)],
        "Run a container as a batch job",
    ),
    pass(
        "glue-001",
        GLUE,
        &[PASS, ("glue:CreateDevEndpoint", Any)],
        "Make a development endpoint with the role",
    ),
    pass("glue-003", GLUE, &[PASS, ("glue:CreateJob", Any), ("glue:StartJobRun", Any)], "Run a new Glue job"),
    pass(
        "glue-004",
        GLUE,
        &[PASS, ("glue:CreateJob", Any), ("glue:CreateTrigger", Any)],
        "Have a new Glue job triggered",
    ),
    pass(
        "glue-005",
        GLUE,
        &[PASS, ("glue:UpdateJob", Any), ("glue:StartJobRun", Any)],
        "Run a changed Glue job",
    ),
    pass(
        "glue-006",
        GLUE,
        &[PASS, ("glue:UpdateJob", Any), ("glue:CreateTrigger", Any)],
        "Have a changed Glue job triggered",
    ),
    pass(
        "glue-session",
        GLUE,
        &[PASS, ("glue:CreateSession", Any), ("glue:RunStatement", Any)],
        "Run code in an interactive session",
    ),
    pass(
        "lambda-001",
        LAMBDA,
        &[PASS, ("lambda:CreateFunction", Any), ("lambda:InvokeFunction", Any)],
        "Make a function and call it",
    ),
    pass(
        "lambda-002",
        LAMBDA,
        &[PASS, ("lambda:CreateFunction", Any), ("lambda:CreateEventSourceMapping", Any)],
        "Make a function and have events call it",
    ),
    pass(
        "lambda-006",
        LAMBDA,
        &[PASS, ("lambda:CreateFunction", Any), ("lambda:AddPermission", Any)],
        "Make a function that others may call",
    ),
    pass(
        "lambda-function-url",
        LAMBDA,
        &[PASS, ("lambda:CreateFunction", Any), ("lambda:CreateFunctionUrlConfig", Any)],
        "Make a function with an address of its own",
    ),
    pass(
        "lambda-change-role",
        LAMBDA,
        &[PASS, ("lambda:UpdateFunctionConfiguration", Any), ("lambda:UpdateFunctionCode", Any)],
        "Give a function the role and other code",
    ),
    pass(
        "sagemaker-001",
        SAGEMAKER,
        &[PASS, ("sagemaker:CreateNotebookInstance", Any)],
        "Make a notebook with the role",
    ),
    pass("sagemaker-002", SAGEMAKER, &[PASS, ("sagemaker:CreateTrainingJob", Any)], "Run a training job"),
    pass("sagemaker-003", SAGEMAKER, &[PASS, ("sagemaker:CreateProcessingJob", Any)], "Run a processing job"),
    pass(
        "states-start",
        &["states.amazonaws.com"],
        &[PASS, ("states:CreateStateMachine", Any), ("states:StartExecution", Any)],
        "Have a new state machine call services",
    ),
    pass(
        "scheduler-create",
        &["scheduler.amazonaws.com"],
        &[PASS, ("scheduler:CreateSchedule", Any)],
        "Have a schedule call services",
    ),
    pass(
        "ssm-automation",
        &["ssm.amazonaws.com"],
        &[PASS, ("ssm:CreateDocument", Any), ("ssm:StartAutomationExecution", Any)],
        "Have a new automation call services",
    ),
    pass(
        "emr-run-job-flow",
        &["ec2.amazonaws.com"],
        &[PASS, ("elasticmapreduce:RunJobFlow", Any)],
        "Run commands in a new EMR cluster",
    ),
    pass(
        "eks-pod-identity",
        &["pods.eks.amazonaws.com"],
        &[PASS, ("eks:CreatePodIdentityAssociation", Any)],
        "Give pods of a cluster the role",
    ),
    pass(
        "rolesanywhere-profile",
        &["rolesanywhere.amazonaws.com"],
        &[PASS, ("rolesanywhere:CreateTrustAnchor", Any), ("rolesanywhere:CreateProfile", Any)],
        "Have certificates of its own accepted for the role",
    ),
    existing(
        "apprunner-002",
        APP_RUNNER,
        &[("apprunner:UpdateService", Any)],
        "Change what an App Runner service runs",
    ),
    existing(
        "bedrock-002",
        AGENTS,
        &[
            ("bedrock-agentcore:StartCodeInterpreterSession", Any),
            ("bedrock-agentcore:InvokeCodeInterpreter", Any),
        ],
        "Run code in an existing code interpreter",
    ),
    existing(
        "cloudformation-002",
        FORMATION,
        &[("cloudformation:UpdateStack", Any)],
        "Change a stack that has a role",
    ),
    existing(
        "cloudformation-005",
        FORMATION,
        &[("cloudformation:CreateChangeSet", Any), ("cloudformation:ExecuteChangeSet", Any)],
        "Change a stack that has a role, by a change set",
    ),
    existing(
        "codebuild-002",
        BUILD,
        &[("codebuild:StartBuild", Any)],
        "Run other commands in an existing build project",
    ),
    existing(
        "codebuild-003",
        BUILD,
        &[("codebuild:StartBuildBatch", Any)],
        "Run other commands in a batch of an existing build project",
    ),
    existing(
        "ec2-002",
        EC2,
        &[("ec2:ModifyInstanceAttribute", Any), ("ec2:StopInstances", Any), ("ec2:StartInstances", Any)],
        "Change an instance's start-up script",
    ),
    existing(
        "ec2-004",
        EC2,
        &[("ec2:CreateLaunchTemplateVersion", Any), ("ec2:ModifyLaunchTemplate", Any)],
        "Change what instances of a launch template run",
    ),
    existing(
        "ec2instanceconnect-003",
        EC2,
        &[("ec2-instance-connect:SendSSHPublicKey", Any)],
        "Sign in to an instance with a key of its own",
    ),
    existing(
        "ec2instanceconnect-serial",
        EC2,
        &[("ec2-instance-connect:SendSerialConsoleSSHPublicKey", Any)],
        "Sign in to an instance's serial console",
    ),
    existing(
        "ecs-execute-command",
        ECS,
        &[("ecs:ExecuteCommand", Any)],
        "Run commands in a running container",
    ),
    existing(
        "glue-002",
        GLUE,
        &[("glue:UpdateDevEndpoint", Any)],
        "Add a key of its own to a development endpoint",
    ),
    existing("lambda-003", LAMBDA, &[("lambda:UpdateFunctionCode", Any)], "Change a function's code"),
    existing(
        "lambda-004",
        LAMBDA,
        &[("lambda:UpdateFunctionCode", Any), ("lambda:InvokeFunction", Any)],
        "Change a function's code and call it",
    ),
    existing(
        "lambda-005",
        LAMBDA,
        &[("lambda:UpdateFunctionCode", Any), ("lambda:AddPermission", Any)],
        "Change a function's code and let others call it",
    ),
    existing(
        "lambda-layer",
        LAMBDA,
        &[("lambda:UpdateFunctionConfiguration", Any)],
        "Add a layer of its own to a function",
    ),
    existing(
        "sagemaker-004",
        SAGEMAKER,
        &[("sagemaker:CreatePresignedNotebookInstanceUrl", Any)],
        "Open a notebook",
    ),
    existing(
        "sagemaker-005",
        SAGEMAKER,
        &[
            ("sagemaker:CreateNotebookInstanceLifecycleConfig", Any),
            ("sagemaker:StopNotebookInstance", Any),
            ("sagemaker:UpdateNotebookInstance", Any),
            ("sagemaker:StartNotebookInstance", Any),
        ],
        "Change a notebook's start-up script",
    ),
    existing("ssm-001", EC2_SSM, &[("ssm:StartSession", Any)], "Open a session on an instance"),
    existing("ssm-002", EC2_SSM, &[("ssm:SendCommand", Any)], "Run a command on an instance"),
    existing(
        "states-update",
        &["states.amazonaws.com"],
        &[("states:UpdateStateMachine", Any), ("states:StartExecution", Any)],
        "Change a state machine and start it",
    ),
];
