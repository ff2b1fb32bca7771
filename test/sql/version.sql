SELECT smstrack_version() = extversion AS library_and_script_agree FROM pg_extension WHERE extname = 'smstrack';
