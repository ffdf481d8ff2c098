//! The programs of the page "Connect your website", executed as they are shown. A language whose interpreter is not on this
//! machine is left out and named on standard error; curl and Python have to be here.

mod address;
mod calls;
mod interpreter;
mod webhook;
