"""What editors and documents show of policies: colours, for Pygments and for TextMate grammars."""
