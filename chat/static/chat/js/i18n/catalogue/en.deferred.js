// English is what the modules say themselves.

export default {};
