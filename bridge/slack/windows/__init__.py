"""Windows (Slack's modals): what opens one, what it shows, what is sent in by it.

To open one is a question: answered at once, from the store as it is, and nothing is changed. What is sent in is a fact: kept
before it is answered, and decided like everything else. https://docs.slack.dev/surfaces/modals
"""
