"""ModelSpec v0.1 as published, in a few lines and independent of the schema this project ships."""

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
MAP = {"type": "object", "additionalProperties": TEXT}


def whole(low, high=None):
    return {"type": "integer", "minimum": low} | ({} if high is None else {"maximum": high})


def closed(*required, **fields):
    return {"type": "object", "required": list(required), "properties": fields, "additionalProperties": False}


def one_of(*values):
    return {"type": "string", "enum": list(values)}


def many(items):
    return {"type": "array", "items": items}


COUNT, DAYS, PORT = whole(1), whole(0), whole(1, 65535)
SIZE = {"type": "number", "minimum": 0}
PROBE = closed(path=TEXT, timeoutSeconds=DAYS)
STEPS = closed(steps=many(closed("name", "type", name=TEXT, type=TEXT, enabled=FLAG)))

IDENTITY = closed(
    "model",
    model=closed(
        "id",
        "family",
        "task",
        "framework",
        **dict.fromkeys(("id", "family", "task", "framework", "precision"), TEXT),
        artifacts=closed(modelUri=TEXT, tokenizerUri=TEXT),
    ),
)
RUNTIME = closed(
    "accelerator",
    accelerator=closed("vendor", "type", "count", vendor=TEXT, type=TEXT, count=COUNT),
    batch=closed(maxBatchSize=COUNT, maxSequenceLengthTokens=COUNT),
    resources=closed(cpuCores=DAYS, memoryGb=SIZE, ephemeralStorageGb=SIZE),
    environment=closed(variables=MAP),
)
OPERATIONS = closed(
    serving=closed(
        protocol=one_of("http", "grpc"),
        port=PORT,
        readinessProbe=PROBE,
        livenessProbe=PROBE,
        maxConcurrency=COUNT,
        timeoutSeconds=DAYS,
    ),
    scaling=closed(
        minReplicas=DAYS,
        maxReplicas=DAYS,
        strategy=one_of("reactive", "predictive", "manual"),
        targetLatencyMsP95=SIZE,
        targetRps=SIZE,
        warmPool=closed(size=DAYS, strategy=TEXT),
    ),
    observability=closed(
        metrics=closed(enabled=FLAG, provider=TEXT, port=PORT),
        logging=closed(level=TEXT),
        tracing=closed(enabled=FLAG),
    ),
)
PIPELINE = closed(
    preprocess=STEPS,
    postprocess=STEPS,
    dependencies=many(
        closed(
            "id",
            "role",
            id=TEXT,
            role=one_of("input", "guardrail", "reranker", "postprocess", "custom"),
            specRef=TEXT,
            required=FLAG,
            interface=closed(inputType=TEXT, outputType=TEXT, maxLatencyMs=SIZE),
        )
    ),
)
GOVERNANCE = closed(
    compliance=closed(
        pii=closed(allowed=FLAG, policy=TEXT),
        retention=closed(logsDays=DAYS, artifactsDays=DAYS),
        governance=closed(changeApproval=TEXT, owner=TEXT),
    ),
    cost=closed(
        targetCostPer1kTokensUsd=SIZE,
        pricingHints=closed(cloudProvider=TEXT, instanceType=TEXT, spotAllowed=FLAG),
    ),
)
REFERENCE = closed(
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    apiVersion={"const": "piqc.ai/v1alpha1"},
    kind={"const": "ModelSpec"},
    metadata=closed("name", name=TEXT, version=TEXT, description=TEXT, labels=MAP, annotations=MAP),
    spec=closed(
        "identity",
        "runtime",
        identity=IDENTITY,
        runtime=RUNTIME,
        operations=OPERATIONS,
        pipeline=PIPELINE,
        governance=GOVERNANCE,
    ),
)
