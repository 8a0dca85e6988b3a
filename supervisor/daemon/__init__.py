"""One process's life: started, reloaded, asked, kept, stopped."""
