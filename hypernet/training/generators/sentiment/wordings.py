"""Descriptions written for each sentiment task."""

from __future__ import annotations

OWN: dict[str, tuple[str, ...]] = {
    "sentiment_review_polarity": (
        "Is this customer talking the product up or down? Write positive or negative.",
        "Judge a single sentence from a shop's review section: positive when it speaks for the "
        "product, negative when it speaks against it.",
        "pos or neg review? spell the word out (positive / negative)",
        "You work in market research. Mark the review sentence positive or negative depending on "
        "how the buyer feels about what they bought. Hints and sarcasm count too.",
        "Does the buyer like it? If they do, answer positive, otherwise negative.",
        "Binary sentiment of a product review snippet (positive, negative).",
        "When praise and criticism are mixed, go by what outweighs. Say positive or negative.",
    ),
    "sentiment_review_recommends": (
        "Would you say this reviewer is satisfied with the purchase? yes or no",
        "Answer yes if the review speaks in favour of the product, no if against.",
        "Happy customer? (yes/no)",
        "Decide whether the customer is content with what they bought. Reply yes or no.",
    ),
    "sentiment_review_praise_complaint": (
        "Is the feedback a praise or a complaint?",
        "We split what customers write into two inboxes, praise and complaint. Which one?",
        "praise or complaint",
        "A customer wrote the following. Reply praise if they are happy with the product and "
        "complaint if they are not.",
    ),
    "sentiment_review_three_way": (
        "positive, negative, or neutral if no opinion is voiced?",
        "Rate the sentiment of the review sentence. Plain facts without judgement are neutral.",
        "Sentiment analysis with three classes: positive, negative, neutral.",
        "Does the sentence praise the product (positive), criticise it (negative) or just state "
        "facts (neutral)?",
    ),
    "sentiment_review_stars": (
        "How many stars, from 1 (worst) to 5 (best), go with this review? Digit only.",
        "Predict the star rating of the review. Answer with a number from 1 to 5.",
        "Guess the rating: 1, 2, 3, 4 or 5",
        "You see the text of an online shop review but not its stars. Restore them: 5 is full "
        "enthusiasm, 4 has a small complaint, 3 is mixed, 2 is mostly bad, 1 is all bad.",
    ),
    "sentiment_review_grade": (
        "Sum the review up in one word: terrible, poor, average, good or excellent.",
        "Which verdict fits the review best, on the scale terrible < poor < average < good < "
        "excellent?",
        "grade the product as the reviewer would (terrible / poor / average / good / excellent)",
    ),
    "sentiment_tweet_emotion4": (
        "What is the author of this tweet feeling? anger, joy, optimism or sadness",
        "Tweets come with usernames masked as @user. Say which of anger, joy, optimism, sadness is "
        "the dominant feeling.",
        "Emotion recognition on tweets. Four classes: anger, joy, optimism, sadness.",
        "angry, joyful, hopeful or sad? Answer with the noun: anger, joy, optimism, sadness.",
        "Pick the feeling behind the post: anger / joy / optimism / sadness. Hashtags and emojis "
        "are clues.",
    ),
    "sentiment_tweet_emotion6": (
        "Assign one of six emotions to the tweet: anger, fear, joy, love, sadness, surprise.",
        "Which feeling comes through most strongly: anger, fear, joy, love, sadness or surprise?",
        "detect emotion. anger fear joy love sadness surprise",
    ),
    "sentiment_tweet_is_angry": (
        "Is the person who wrote this tweet angry? yes/no",
        "Flag angry posts: yes if the tweet vents anger, no for any other feeling.",
        "We route furious users to a human. Is this one furious? Answer yes or no.",
        "angry tweet? yes or no",
    ),
    "sentiment_tweet_mood": (
        "Does the post express a pleasant or an unpleasant feeling?",
        "pleasant / unpleasant mood?",
        "Say pleasant if the writer feels good or hopeful, unpleasant if angry, sad or afraid.",
    ),
    "sentiment_place_aspect": (
        "A guest review is followed by an aspect. Was the guest positive or negative about it?",
        "Aspect-based sentiment: positive or negative towards the aspect named in the last line?",
        "How does the reviewer feel about the named aspect? positive or negative. Ignore the rest "
        "of the review.",
    ),
    "sentiment_place_aspect_absent": (
        "A guest review is followed by an aspect. Answer positive or negative, or not mentioned if "
        "the review does not touch on it.",
        "What does the review say on the aspect in the last line: positive, negative, not "
        "mentioned?",
        "Judge only the aspect at the end. If nothing is said about it, write not mentioned.",
    ),
    "sentiment_place_complaint": (
        "Which one thing went wrong for the guest: food, service, price, location, cleanliness or "
        "atmosphere?",
        "Exactly one aspect is criticised in the review. Name it.",
        "what is the complaint about? food / service / price / location / cleanliness / atmosphere",
    ),
    "sentiment_place_guest_happy": (
        "Did the guest have a good time? happy or unhappy",
        "Hotel and restaurant reviews: is the guest happy or unhappy?",
        "Answer happy if the review is favourable and unhappy if it is not.",
    ),
}

ASPECT_JSON_VERBS = (
    "list the aspects of the stay or meal that the review mentions with the sentiment of each",
    "extract every aspect with its polarity from the guest review",
    "turn the review into a JSON object from aspect to sentiment",
    "do aspect-based sentiment analysis of the hotel or restaurant review and return JSON",
    "find which of food, service, price, location, cleanliness and atmosphere the guest talks "
    "about and whether positively or negatively",
    "give a JSON summary of what the guest liked and disliked",
    "map each aspect mentioned in the review to positive or negative",
)
ASPECT_JSON_DETAILS = (
    "The aspects are food, service, price, location, cleanliness, atmosphere.",
    'Answer with a JSON object such as {"food": "positive"}.',
    "Keys: food, service, price, location, cleanliness, atmosphere. Values: positive or negative. "
    "Leave out aspects that are not mentioned.",
    "Return only JSON, keys in the order of the review.",
    "Only aspects that occur in the text become keys; each value is positive or negative.",
    "No prose, just the JSON object.",
)
