//! The pages: tide routes, the guard, the admin UI and the public link page.
