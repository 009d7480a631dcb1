//! Private servers for tests: RabbitMQ, PostgreSQL and S3 on loopback, with their own ports and folders.
//!
//! Nothing here touches a service of the machine. Every server is a child process that is ended by its process id when
//! its guard is dropped, and by the kernel when the test process dies.

mod process;

pub mod postgres;
pub mod rabbitmq;
pub mod s3;
pub mod tls;

pub use process::{Child, free_port};
