from workspai_hooks.entry import main

if __name__ == "__main__":
    raise SystemExit(main())
