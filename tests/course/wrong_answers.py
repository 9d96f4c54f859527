"""Plausible wrong answers to the problem sets: they pass the visible checks, and must fail a hidden test.

The test of the answer `name` is the cell `name`_test.
"""

# problem set -> answer -> what a student might write
WRONG = {
    "ps1": {
        "harden": """\
def harden(soft_labels):
    return (np.asarray(soft_labels) >= 0.5).astype(int)""",
        "imitated": """\
def imitated_errors(student, supervisor, truth):
    student, supervisor, truth = map(np.asarray, (student, supervisor, truth))
    wrong = supervisor != truth
    return float((student == supervisor)[wrong].sum() / max(1, wrong.sum()))""",
        "deal": """\
def deal(groups, seed=0):
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    part = {names[i]: ('supervisor', 'student', 'test')[k % 3] for k, i in enumerate(order)}
    return [part[group] for group in groups]""",
        "finetune": """\
def finetune(model, texts, targets, lr, epochs=2, batch_size=32, seed=0):
    targets = torch.tensor(np.asarray(targets), dtype=torch.float32)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    generator, history = torch.Generator().manual_seed(seed), []
    for _ in range(epochs):
        losses = []
        order = torch.randperm(len(targets), generator=generator)
        for rows, ids, lengths in batches(model, texts, order, batch_size):
            w = targets[rows]
            both = torch.stack([1 - w, w], dim=1)
            loss = torch.nn.functional.cross_entropy(model(ids, lengths), both, reduction='sum')
            optimizer.zero_grad(); loss.backward(); optimizer.step(); losses.append(loss.item())
        history.append(float(np.mean(losses)))
    return history""",
        "pgr": """\
def pgr_over_seeds(supervisor, student, ceiling):
    supervisor, student, ceiling = map(np.asarray, (supervisor, student, ceiling))
    gaps = ceiling - supervisor
    return float((student - supervisor).mean() / gaps.mean()) if gaps.mean() > 0.05 else math.nan""",
    },
    "ps2": {
        "cross_entropy": """\
def cross_entropy(log_odds, targets):
    f = torch.sigmoid(log_odds)
    return -(targets * f.log() + (1 - targets) * (1 - f).log()).mean()""",
        "wrong_pull": """\
def wrong_pull(labels, truth):
    labels, truth = np.asarray(labels, float), np.asarray(truth)
    pull = np.abs(labels - 0.5)
    return float((pull * ((labels > 0.5) != (truth == 1))).sum() / max(pull.sum(), 1e-12))""",
        "resting": """\
def resting(weak, alpha):
    no, yes = (1 - alpha) * weak, (1 - alpha) * weak + alpha
    return ([no] if no < 0.5 else []) + [yes] * (alpha > 0 or no >= 0.5)""",
        "least_alpha": """\
def least_alpha(weak):
    return 1 - 0.5 / weak if weak > 0.5 else 0.0""",
        "own_answers": """\
def own_answers(log_odds, share=0.5):
    return (log_odds > torch.quantile(log_odds, 1 - share)).float()""",
        "confidence_loss": """\
def confidence_loss(alpha_max=0.75, warmup=0.2, share=0.5):
    def loss(logits, targets, step_fraction):
        alpha = alpha_max * min(1.0, step_fraction / max(warmup, 1e-9))
        log_odds = logits[:, 1] - logits[:, 0]
        return cross_entropy(log_odds, (1 - alpha) * targets + alpha * own_answers(log_odds, share))
    return loss""",
        "surest": """\
def surest(labels, share):
    return np.sort(np.argsort(-np.abs(labels - 0.5))[: int(share * len(labels))])""",
        "believed": """\
def believed(student, supervisor, truth, edges=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0)):
    wrong = (supervisor > 0.5) != truth
    confidence, repeated = np.maximum(supervisor, 1 - supervisor), wrong & ((student > 0.5) != truth)
    bins = [wrong & (confidence >= a) & (confidence < b) for a, b in zip(edges, edges[1:])]
    return np.array([repeated[here].sum() / max(1, here.sum()) for here in bins])""",
    },
    "ps3": {
        "policy": """\
def policy(scores, legal):
    scores = np.where(legal, scores, -1e9)
    weight = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weight / weight.sum(axis=1, keepdims=True)""",
        "labels": """\
def weak_labels(p, power):
    weight = np.eye(p.shape[1])[p.argmax(axis=1)] if power == math.inf else p ** power
    return weight / weight.sum(axis=1, keepdims=True)""",
        "chance": """\
def by_chance(accuracy, moves):
    return (1 - accuracy) / (np.mean(moves) - 1)""",
        "same": """\
def same_wrong(one, other, truth):
    one, other, truth = map(np.asarray, (one, other, truth))
    both = (one != truth) & (other != truth)
    return float((one == other)[both].sum() / max(1, both.sum()))""",
        "band": """\
def by_band(supervisor, student, ceiling, difficulty, bands):
    n = len(difficulty)
    band = bands * np.argsort(np.argsort(difficulty, kind='stable')) // n  # ties are cut
    rows = []
    for one in np.unique(band):
        here = band == one
        gap, gain = ((np.asarray(right, float) - supervisor)[here].sum() / n for right in (ceiling, student))
        rows.append((one, here.sum(), gap, gain, gain / gap if gap >= 0.01 else math.nan))
    return pd.DataFrame(rows, columns=['band', 'puzzles', 'gap', 'gain', 'pgr'])""",
        "rates": """\
def rates(teacher, student, truth):
    teacher, student, truth = map(np.asarray, (teacher, student, truth))
    right, was = student == truth, teacher == truth
    return float(right[was].sum() / max(1, was.sum())), float(right[~was].sum() / max(1, (~was).sum()))""",
        "along": """\
def along(accuracy, links):
    found = [accuracy]
    for keeps, corrects in links:
        found.append(found[-1] * keeps + (1 - found[-1]) * corrects)
    return found""",
        "ends": """\
def ends(keeps, corrects):
    return corrects / (1 - keeps + corrects) if 1 - keeps + corrects else math.nan""",
        "climb": """\
def climb(teacher, names, parts, learn):
    students = []
    for name, fens in zip(names, parts):
        teacher = learn(name, fens, teacher(fens))
        students.append(teacher)
    return students""",
        "direct": """\
def direct(teacher, name, parts, learn):
    fens = parts[0]
    for more in parts[1:]:
        fens += more
    return learn(name, fens, teacher(fens))""",
    },
    "ps4": {
        "loss": """\
def loss(rewards, pairs, labels):
    r, pairs, y = np.asarray(rewards, float), np.asarray(pairs), np.asarray(labels, float)
    p = 1 / (1 + np.exp(r[pairs[:, 0]] - r[pairs[:, 1]]))
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())""",
        "gradient": """\
def gradient(rewards, pairs, labels):
    r, pairs, y = np.asarray(rewards, float), np.asarray(pairs), np.asarray(labels, float)
    surprise = (1 / (1 + np.exp(r[pairs[:, 0]] - r[pairs[:, 1]])) - y) / len(pairs)
    pull = np.zeros(len(r))
    pull[pairs[:, 1]] += surprise
    pull[pairs[:, 0]] -= surprise
    return pull""",
        "level": """\
def same_level(rewards, prompts):
    of_prompt = ([r for r, q in zip(rewards, prompts) if q == prompt] for prompt in dict.fromkeys(prompts))
    made = [np.array(list(those), float) for those in of_prompt]
    return np.concatenate([those - those.mean() for those in made])""",
        "unchanged": """\
def unchanged(change):
    every = {'likelihood', 'accuracy', 'best of n'}
    return {'r + 7': every, '3 r': every}.get(change, set())""",
        "factor": """\
def factor(differences, labels):
    from scipy.optimize import minimize_scalar
    d, y = np.asarray(differences, float), np.asarray(labels, float)
    cost = lambda beta: (y * np.logaddexp(0, -beta * d) + (1 - y) * np.logaddexp(0, beta * d)).mean()
    return minimize_scalar(cost, bracket=(0.1, 1.0)).x""",
        "best": """\
def expected_best(rewards, values, n):
    order, values = np.argsort(rewards, axis=1), np.asarray(values, float)
    N = values.shape[1]
    chance = np.array([math.comb(i, n - 1) / math.comb(N, n) for i in range(N)])
    return float((np.take_along_axis(values, order, axis=1) @ chance).mean())""",
        "weak": """\
def weak_labels(reward_of, texts, beta):
    first, second = (reward_of([text.split(SEPARATOR)[side] for text in texts]) for side in (0, 1))
    return np.exp(beta * second) / (np.exp(beta * first) + np.exp(beta * second))""",
        "leaning": """\
def leaning(reward_of, asked, counts):
    shape = len(asked), len(asked[0][1])
    texts = [f'{prompt.text} {answer.text}' for prompt, answers in asked for answer in answers]
    given = np.asarray(reward_of(texts), float)
    level = given.reshape(shape) - given.reshape(shape).mean(axis=1, keepdims=True)
    of = {'reward': level / given.std()} | {
        name: np.array([[float(what(answer)) for answer in answers] for _, answers in asked])
        for name, what in (
            ('quality', lambda a: a.quality),
            ('true', lambda a: a.stance == 1),
            ('surface', lambda a: a.surface),
        )}
    given = given.reshape(shape)
    return pd.DataFrame([
        {'n': n} | {name: expected_best(given, values, n) for name, values in of.items()} for n in counts
    ])""",
    },
    "ps5": {
        "three": """\
def three_numbers(student, weak, truth):
    s, w, g = (np.asarray(a, float) for a in (student, weak, truth))
    gain = ((w - g) ** 2).mean() - ((s - g) ** 2).mean()
    return float(gain), float(((s - w) ** 2).mean()), float(((w - s) * (g - s)).mean())""",
        "needed": """\
def share_needed(alpha, disagreement):
    return disagreement / (2 * alpha) if alpha > 0 else math.nan""",
        "promise": """\
def promise(right, good, edges):
    across = edges[good][:, ~good]
    disagreement, alpha = (right != good).mean(), (~good).mean()
    if good.all():
        return disagreement
    agrees = (across & (right[good][:, None] == right[~good])).any(axis=1)  # with one neighbour, not with all
    return disagreement + alpha * (1 - 2 * across[right[good] & agrees].any(axis=0).mean())""",
        "majority": """\
def majority(labels, meaning):
    labels, meaning = np.asarray(labels), np.asarray(meaning)
    heard = [labels[(meaning == one) & (labels >= 0)] for one in meaning]
    return np.array([-1 if not len(those) else int(those.mean() >= 0.5) for those in heard])""",
        "shown": """\
def shown(scores, step):
    best, board = -math.inf, []
    for score in scores:
        best = score if score >= best + step - 1e-9 else best
        board.append(math.floor(best / step + 1e-9) * step if step else score)
    return board""",
        "boost": """\
def boost(ask, n, questions, rng):
    found = []
    for _ in range(questions):
        answers = rng.integers(0, 2, n)
        found.append(answers if ask(answers) > 0.5 else 1 - answers)
    return (np.mean(found, axis=0) > 0.5).astype(int)""",
        "vote": """\
def vote(answers):
    said, share = [], []
    for row in np.asarray(answers):
        kinds, times = np.unique(row, return_counts=True)
        said.append(kinds[times.argmax()])
        share.append(times.max() / len(row))
    return np.array(said), np.array(share)""",
        "keep": """\
def keep(shares, k, rng):
    kept = np.zeros(len(shares), bool)
    kept[np.argsort(-np.asarray(shares), kind='stable')[:k]] = True
    return kept""",
    },
}
