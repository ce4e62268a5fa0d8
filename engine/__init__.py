"""The engine makes pictures. It never imports the bot; the bot imports only this contract."""
