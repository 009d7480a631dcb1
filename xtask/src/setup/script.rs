use std::path::Path;

use anyhow::Result;

use super::Need;
use crate::run::{command, data_dir, root, run};

/// Something that a script of the test kit makes.
pub(super) struct Script {
    name: &'static str,
    cost: &'static str,
    script: &'static str,
    argument: Option<&'static str>,
    /// A file that is there when the script is done, below the data folder.
    proof: &'static str,
    optional: bool,
}

pub(super) const S3_SERVER: Script = Script {
    name: "an S3 server (moto 5.2.5)",
    cost: "a Python environment of its own by pip, 320 MB, about a minute",
    script: "tests/testkit/s3-server.sh",
    argument: None,
    proof: "moto/5.2.5/complete",
    optional: false,
};

pub(super) const PYTHON: Script = Script {
    name: "Python for converters and evaluation",
    cost: "numpy, onnx, onnxruntime and pillow by pip in an environment of their own, 200 MB, half a minute",
    script: "models/evaluate/environment.sh",
    argument: None,
    proof: "python/1/complete",
    optional: false,
};

pub(super) const RABBITMQ_4_0: Script = Script {
    name: "RabbitMQ 4.0",
    cost: "Debian's packages in a folder of their own, 240 MB, about a minute",
    script: "tests/testkit/rabbitmq-versions.sh",
    argument: Some("4.0"),
    proof: "rabbitmq/4.0/usr/lib/rabbitmq/bin/rabbitmq-server",
    optional: true,
};

pub(super) const RABBITMQ_4_3: Script = Script {
    name: "RabbitMQ 4.3",
    argument: Some("4.3"),
    proof: "rabbitmq/4.3/usr/lib/rabbitmq/bin/rabbitmq-server",
    ..RABBITMQ_4_0
};

impl Need for Script {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cost(&self) -> &'static str {
        self.cost
    }

    fn is_there(&self) -> bool {
        data_dir().is_ok_and(|dir| dir.join(self.proof).exists())
    }

    fn bring(&self) -> Result<()> {
        let script = root().join(self.script);
        run(command("bash").arg(Path::new(&script)).args(self.argument))
    }

    fn may_be_missing(&self) -> bool {
        self.optional
    }
}
