import { render } from "preact";
import { connect } from "./connection/live.ts";
import { listenToKeys } from "./navigation/keyboard.ts";
import { nameTab } from "./view/title.ts";
import { App } from "./view/app.tsx";
import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/header.css";
import "./style/side.css";
import "./style/evolution.css";
import "./style/inspector.css";
import "./style/filters.css";
import "./style/training.css";

render(<App />, document.getElementById("page")!);
nameTab();
listenToKeys();
connect();
