"""Frames of task descriptions, as different users would write them."""

from __future__ import annotations

CLASSIFY = (
    "Classify the {thing} by {aspect}: {comma}. Answer with the label only.",
    "Decide {aspect} of the {thing}. Possible answers: {comma}.",
    "Read the {thing} and give {aspect}. Reply with exactly one of: {comma}.",
    "What is {aspect} here? Pick one of {either}.",
    "You are given {a_thing}. Determine {aspect}. Output one of the following labels and nothing "
    "else: {comma}.",
    "You are an experienced annotator. For each {thing}, label {aspect} as {either}.",
    "{thing} -> {slashes}",
    "label this {thing}: {slashes}",
    "Tell me {aspect} of this {thing} ({slashes}).",
    "Your task is to assign one category to the {thing}. The category says {aspect}. Categories:\n"
    "{bullets}",
    "Given {a_thing}, respond with {either}, depending on {aspect}.",
    "I have a list of texts, each one {a_thing}. Tag each with {aspect}. tags: {comma}",
    "Choose the best label for the {thing}.\nLabels: {comma}",
    "Identify {aspect} in the following {thing}. Use only these labels: {comma}. Do not explain.",
    "Say {aspect} for the {thing} below.",
    "Determine {aspect} of the {thing}. Write just the label.",
    "find {aspect} of the {thing}, one label, no explanation",
    "Please categorise the {thing}. We care about {aspect}; allowed values are {comma}.",
    "Act as a text classifier. Input: {a_thing}. Output: {aspect}, one of {either}.",
    "For the {thing} shown, which of these is right with regard to {aspect}: {either}?",
    "You will see one {thing}. Judge {aspect} and answer with one of these: {comma}.",
    "As part of our pipeline we need {aspect} for every {thing} that comes in. Return one of "
    "[{comma}].",
    "Which label fits the {thing}? {bullets}\nAnswer with the label exactly as written.",
    "Sort the {thing} into one of the groups {either}.",
    "Answer with {aspect}: {slashes}.",
    "The input is {a_thing}. The output should be {aspect}. Valid outputs: {comma}.",
    "pls classify the {thing} ({comma})",
    "I want to know {aspect} of the {thing}. Just give me the label.",
    "Label {aspect}. Options = {comma}.",
    "Perform single-label classification of the {thing} according to {aspect}. The label set is "
    "{{{comma}}}.",
    "Look at the {thing} and choose {either}.",
    "Consider the {thing} carefully. Based on its content, state {aspect}. Answer: {either}.",
    "Answer {glossed}.",
    "Read the {thing}. Say {glossed}.",
    "Classify the {thing}. Use {glossed}. Give only the label.",
    "You label {aspect}. Definitions:\n{defined}\nOutput the label alone.",
    "Determine {aspect} of the {thing}, where the answer is {glossed}.",
    "Guidelines for annotating the {thing}:\n{defined}\nOne label per item.",
    "We need each {thing} marked: {glossed}. No other text please.",
    "{aspect}? Labels and what they mean:\n{defined}",
)

FRAMES = (
    "{Verb}. {detail}",
    "{Verb}.",
    "Please {verb}. {detail}",
    "Your task is to {verb}. {detail}",
    "You are a careful assistant. {Verb}. {detail}",
    "I need you to {verb}. {detail}",
    "Can you {verb}? {detail}",
    "Given the input, {verb}. {detail}",
    "{detail} {Verb}.",
    "Task: {verb}. {detail}",
    "Read the input and {verb}. {detail}",
    "We want to {verb}. {detail}",
    "{Verb} - {detail}",
    "Help me {verb}. {detail}",
    "As an analyst, {verb}. {detail}",
)


def skeletons(text: str) -> tuple[str, ...]:
    """One skeleton a line; an indented line goes on with the one before."""
    return tuple(text.strip().replace("\n    ", " ").split("\n"))


def bars(text: str) -> tuple[str, ...]:
    """Words between bars, over as many lines as they need."""
    joined = text.replace("|\n", "|").replace("\n", " ")
    return tuple(item.strip() for item in joined.split("|"))
