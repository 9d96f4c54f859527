import json
T = {
"1": """
Choose the answers inside with `correct[inside]` and those outside with `correct[~inside]`, and take each mean. The tempting mistake is to multiply by the mask and take the mean of everything. Then you divide by all examples, and both numbers are too small.

*What it teaches:* a shift is only seen where its two sides are measured apart.
""",
"2": """
The cross-entropy of the predictions to the labels of one supervisor is its cost. It is also the *gradient* of the student's loss by that supervisor's weight, since the labels of the panel are mixed with these weights. So a step against the gradient lowers the weights of those who cost much. The exponential keeps all weights above zero.

*What it teaches:* the student trusts whoever says what it would have said itself. That is good only where the student is right more often than not.
""",
"3": """
In this seed the turn comes between a share of 0.6 and one of 0.7. With 0.6, 53 % of the weak labels are right and the student is right outside on 0.70. With 0.7, it is 48 % and 0.47. The student seems to follow the majority of its labels: when most of them are right, it becomes more right than they are, and when most are wrong, it becomes more wrong. One seed cannot say exactly where the turn is.

*What it teaches:* the student does not know what is true. It learns which of two directions its labels point to.
""",
"4": """
The fall is gone. With `others=0.5` there is no shortcut in the supervisor's half. So it is right on 0.80 of the questions outside, and 78 % of its labels are right. The student reaches 0.94. The student's half is the same as before. Only the supervisor changed.

*What it teaches:* the damage came from the supervisor's shortcut, and not from the student's half alone.
""",
"5": """
After two epochs, the supervisor has hardly learned the shortcut. 55 % of its labels are right, and the student reaches 0.85, far above its supervisor (0.59). After four epochs 42 % are right, and the student falls to 0.05. So the claim "students fall below their supervisors under shift" depends on how wrong the supervisor is there. With labels that are mostly right, the same student under the same shift is far above its supervisor. The tempting answer is that a shift harms by itself.

*What it teaches:* ask on which side of one half the weak labels are, before you ask about the shift.
"""}
json.dump({k: v.strip() for k, v in T.items()}, open("sol_texts.json", "w"))
