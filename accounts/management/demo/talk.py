"""The demo's conversations: lists of lines, each beginning with the letter of its speaker.

`a> ` replies to the first line. In braces, `{a}` mentions that speaker; other names are replaced by a random word of
WORDS.
"""

WORDS = {
    "part": ["the winch", "the pressure sensor", "the mooring line", "the charge controller", "the gateway", "the GPS"],
    "module": ["uplink", "scheduler", "calibration", "storage", "telemetry", "battery"],
    "place": ["Skagen", "Kinsale", "Cascais", "Ålesund", "Piran", "Whitby"],
    "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
    "food": ["rye bread", "lentil soup", "plum cake", "flatbread", "pickled herring", "ginger biscuits"],
    "n": [str(n) for n in range(3, 98)],
    "big": [f"{n:,}" for n in range(1204, 48_000, 917)],
    "version": ["3.0.1", "3.0.2", "3.1", "3.1-rc1", "3.1-rc2", "2.9.8"],
    "time": ["9:30", "10:00", "11:15", "14:00", "15:30", "16:00"],
}

# Lines added to some conversations at their end.
AFTERTHOUGHTS = [
    "Thanks, that helps.",
    "Good to know.",
    "I wrote it down in the handbook.",
    "Done, by the way.",
    "🙌",
    "Same here.",
    "Then let us leave it at that.",
    "Noted for the next trial.",
    "I will have a look after lunch.",
    "Lovely.",
]

TALK: dict[str, list[list[str]]] = {
    "lobby": [
        [
            "a Good morning! Buoy {n} is back from {place}, somewhat greener than it left.",
            "b Barnacles?",
            "a Mostly algae. {part} is fine.",
            "c> Please rinse it before it comes into the hall this time.",
        ],
        [
            "a Reminder: all hands on {day} at {time}.",
            "b Remote too?",
            "a Yes, the link is in the invitation.",
            "c I can take notes.",
        ],
        [
            "a The harbour office moved our berth. From {day} on we are at pier {n}.",
            "b> Does the trailer fit there?",
            "c I measured it last year: with half a metre to spare.",
            "a {c} you are a treasure.",
        ],
        [
            "a We have visitors from {place} on {day}. Who shows them the tank?",
            "b I can, if it is after {time}.",
            "a Perfect, I will tell them.",
        ],
        ["a I am out this afternoon, dentist.", "b Good luck!", "c> Say hello to the drill."],
        [
            "a The numbers for the month: {big} readings delivered, {n} lost, all of them from {place}.",
            "b That is the antenna again.",
            "c> Best month so far, is it not?",
            "a By far.",
        ],
        [
            "a New badge reader at the back door from {day}. Your old badge still works at the front.",
            "b And if mine never worked at all?",
            "a Then you climb in through the window as before.",
        ],
        [
            "a Has anybody seen the torque wrench, the one with the yellow tape?",
            "b It went to {place} with {c}.",
            "c Guilty. Back on {day}.",
        ],
        ["a The survey about office hours closes tonight.", "b Filled in.", "c Me too."],
        [
            "a Storm warning for {day}, gusts of {n} knots. Nobody goes out.",
            "b I have moved the trial at {place} to the week after.",
            "c> Cradles are strapped down.",
        ],
    ],
    "engineering": [
        [
            "a {part} at {place} reports {n} resets since midnight. {b} could you look?",
            "b On it.",
            "b Brown-out. The panel is covered in salt, it charges to 11.8 V and gives up.",
            "c> We saw the same at {place} in spring. Cleaning helped for a month.",
            "a Then let us put the wiper on it.",
        ],
        [
            "a I would like to drop the retry in `{module}.py`: the queue underneath retries already.",
            "b Both of them? Then a message goes out up to nine times.",
            "a Exactly.",
            "b> +1, with a test that counts.",
        ],
        [
            "a Does anybody remember why the window is {n} s?",
            "b Because the satellite passes every 97 minutes and we wanted two tries. It is in the commit message.",
            "a Found it, thanks. It deserves a comment.",
        ],
        [
            "a Here is what I mean:\n```python\nasync def drain(queue: Queue, limit: int = {n}) -> int:\n"
            "    sent = 0\n    while sent < limit and (reading := queue.pop()):\n"
            "        await uplink.send(reading)\n        sent += 1\n    return sent\n```",
            "b What happens to `reading` when `send` raises?",
            "a …it is gone. I will peek first and pop after the acknowledgement.",
            "c> Please also a test with a link that dies in between.",
        ],
        [
            "a Firmware {version} is on buoy {n}. Current draw is down from 41 to 29 mA.",
            "b Wow. From the sleep change alone?",
            "a That, and the LED that nobody had switched off since 2019.",
            "c> 😂",
        ],
        [
            "a The gateway logs this every {n} minutes:\n```\nWARN {module}: late frame, dropped (skew 2.3 s)\n```",
            "b Clock drift. Which receiver is it?",
            "a The old one, at {place}.",
            "b It loses its fix behind the crane. I will raise the tolerance to 5 s there.",
        ],
        [
            "a Review please: https://git.example.org/buoys/pull/{n}",
            "b Looking.",
            "b Two small things, otherwise good. I like that the parser is a pure function now.",
            "a Fixed both.",
            "b> Merged.",
        ],
        [
            "a Who has the calibration table for {part}? The one in the wiki ends at 40 bar.",
            "b I do. Uploading it today.",
            "c> It should live beside the code, in `{module}/tables/`.",
            "a Agreed, I will move it.",
        ],
        [
            "a Deploying {version} to the gateway at {time}.",
            "b No objection.",
            "a Done. {big} readings replayed, none twice.",
            "c 🎉",
        ],
        [
            "a The query for the day view takes {n} ms on the big database.",
            "b Index on `(buoy_id, taken_at)`?",
            "a It is there, but we filter by `date(taken_at)`, so it is not used.",
            "b> Filter by a range instead.",
            "a 3 ms. I feel silly.",
        ],
        [
            "a {b} the build is red on main since `{module}` was merged.",
            "b Sorry! A timezone in a test. Fix is on its way.",
            "b Green again.",
        ],
        [
            "a Idea: buoys send a summary first and the raw data only when there is bandwidth.",
            "b How large is a summary?",
            "a {n} bytes an hour.",
            "c I like it. We would have something from {place} even in the worst week.",
            "b> Let us write it up before we write it.",
        ],
        [
            "a Accelerometer offset on buoy {n}, before and after:\n"
            "| axis | before | after |\n|---|---|---|\n| x | 0.031 | 0.002 |\n| z | 0.118 | 0.004 |",
            "b That is within the data sheet at last.",
        ],
        ["a Is it me or is the test bench offline?", "b Somebody needed the socket for a kettle.", "a …", "c> Sorry."],
    ],
    "kitchen": [
        [
            "a There is {food} on the table. First come, first served.",
            "b On my way!",
            "c> Leave me some, I am stuck in a meeting until {time}.",
            "a Yours is in the blue tin.",
        ],
        ["a The coffee machine says E{n}.", "b Open and close the flap, gently.", "a It purrs. Thank you."],
        [
            "a Anybody up for a ride along the coast on {day}?",
            "b In, if we stop for {food}.",
            "c> How far?",
            "a {n} km, flat, wind from behind if the forecast is right.",
            "c Then I am in too.",
        ],
        [
            "a Who left the {food} in the fridge? It has begun to move.",
            "b Not guilty.",
            "c It was me. It is gone now. So is the box.",
        ],
        ["a My sourdough is {n} days old today.", "b Congratulations to the parents.", "c> Does it have a name yet?"],
        [
            "a Film night on {day}? I vote for something with a lighthouse.",
            "b As long as nobody goes mad in it.",
            "a That leaves two films in the whole world.",
        ],
        [
            "a The dishwasher is full and clean. It is not a cupboard.",
            "b Emptying it now.",
            "a> You are the best of us.",
        ],
        ["a Recipe for the {food}, please!", "b It is my grandmother's, I will write it down.", "c I want it too."],
        ["a Found a glove with a seal on it.", "b Mine! The seal is called Otto.", "a Otto waits on the window sill."],
    ],
    "release": [
        [
            "a What is left for {version}?",
            "b The migration notes and {n} translations.",
            "c I take the notes.",
            "a> Then we freeze on {day}, as planned.",
        ],
        [
            "a Load test overnight: {big} readings, p99 at {n} ms, nothing lost.",
            "b Same hardware as last time?",
            "a Same box, same script.",
            "c> That settles it.",
        ],
        [
            "a I found one more: after a restore the counters start at zero.",
            "b Is that a blocker?",
            "c It is. Customers at {place} restore every quarter.",
            "a Fix with a test is up, {c} please review.",
            "c Reviewed. Go.",
        ],
        ["a {version} is tagged.", "b 🚢", "c> Announcement is ready, I send it at {time}."],
        [
            "a Price list: do we raise {part} or not?",
            "b Let us keep it until summer.",
            "c Agreed.",
            "a Fine, decided.",
        ],
        [
            "a Draft of the notes: https://docs.example.org/release-3",
            "b Reads well. I would lead with the battery, that is what people ask about.",
            "a> Moved up.",
        ],
        ["a Who is on call over the weekend?", "b Me.", "a Thank you {b}."],
    ],
    "direct": [
        ["a Do you have ten minutes today?", "b At {time}?", "a Perfect."],
        ["a How was {place}?", "b Wet. But {part} held.", "a That is all one can ask."],
        ["a Could you look over the offer before I send it?", "b Sure. Page {n} adds up wrong.", "a Ouch. Thank you!"],
        [
            "a I would like to take {day} off.",
            "b Of course, enjoy it.",
            "a Going to see my sister, {n} hours by train.",
            "b Take a book.",
        ],
        ["a Well done in the meeting.", "b Thanks. I was more nervous than I looked.", "a Nobody noticed."],
        ["a Lunch?", "b Five minutes."],
    ],
}
